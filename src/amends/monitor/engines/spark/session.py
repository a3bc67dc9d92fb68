"""A Spark session as the monitor needs it: times in UTC, DuckDB's ways with nulls, few partitions for small steps."""

import os
import sys
import warnings
from typing import Any

from amends.monitor.engines.spark.functions import know_functions

_PARTITIONS = "spark.sql.shuffle.partitions"


class SparkMissing(RuntimeError):
    """Spark is not installed here; says how to get it."""


def session(master: str | None = None) -> Any:
    """The session of this process.

    Args:
        master: of the cluster; None takes what `spark-submit` or Spark's own files say, else this machine alone.

    Raises:
        SparkMissing: without pyspark, or without Java.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkMissing("Spark is not installed; install it with: pip install 'amends[spark]'") from None
    _without_word_of_pandas()
    builder = SparkSession.builder.appName("amends monitor")
    if master is not None:
        builder = builder.master(master)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers run what the driver runs, unless told otherwise
    fixed = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "false",  # a cast that fails and a division by zero give null, as in DuckDB
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.legacy.timeParserPolicy": "CORRECTED",
        "spark.sql.adaptive.enabled": "false",  # a step is many small queries: planning them twice takes longer
        "spark.sql.maxPlanStringLength": "1000",  # nobody reads the plans of a step
    }
    for name, value in fixed.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise SparkMissing(f"Spark cannot start ({error}); it needs Java 17 or newer") from None
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def session_of_its_own(spark: Any) -> Any:
    """A session beside that one with tables of its own, which knows our functions and spreads over all cores."""
    own = spark.newSession()
    know_functions(own)
    context = spark.sparkContext
    if not context.getConf().contains(_PARTITIONS):
        own.conf.set(_PARTITIONS, str(context.defaultParallelism))
    return own


def _without_word_of_pandas() -> None:
    """Spark warns of newer pandas, which we give it nothing of: tables go through Arrow."""
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)

"""The tests on a cluster are for `make cluster`: they take four minutes, half a gigabyte of Spark, and Java."""

import os

collect_ignore = [] if os.environ.get("AMENDS_CLUSTER") else ["spark"]

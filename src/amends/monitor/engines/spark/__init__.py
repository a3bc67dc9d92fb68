"""The monitor on Apache Spark, for when one machine is outgrown."""

"""The monitor's tables as Spark SQL: the same expressions, with the engine's own functions by Spark's names.

Reading a text as a time, a number or JSON is where engines differ most; there Spark asks DuckDB in its workers, see
`functions`.
"""

from typing import Any

import ibis
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from amends.monitor.engines.spark.functions import JSON_TEXT, READ_INSTANT, READ_NUMBER
from amends.monitor.engines.statements import with_parameters

_OWN = {
    "json_extract_path_text": JSON_TEXT,
    "epoch_us": "unix_micros",
    "make_timestamp": "timestamp_micros",
    "make_timestamptz": "timestamp_micros",
    "hash": "xxhash64",
}
_FORMATS = {
    "%Y-%m-%dT%H:%M:%S.%fZ": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'",
    "%Y-%m-%dT%H:%M:%SZ": "yyyy-MM-dd'T'HH:mm:ss'Z'",
}


class SparkCompiler(PySparkCompiler):
    """Ibis's compiler for Spark, with what it lacks or means otherwise than DuckDB's."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        if dtype.is_floating():  # to Spark a figure with a point is a decimal
            return self.cast(sge.convert(value), dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:
        return sg.column(self._gen_valid_name(name), table=rel.alias_or_name, quoted=self.quoted)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(sg.not_(NULL))

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        name = self.__sql_name__(op)
        if name == "timezone":
            return self.f.anon.from_utc_timestamp(arguments["instant"], arguments["zone"])
        return self.f.anon[_OWN.get(name, name)](*arguments.values())

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if to.is_json() and op.arg.dtype.is_struct():
            return self.f.anon.to_json(arg, self.f.anon.map(sge.convert("ignoreNullFields"), sge.convert("false")))
        return (
            self.cast(arg, ibis.dtype("int64")) if to.is_unsigned_integer() else super().visit_Cast(op, arg=arg, to=to)
        )

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_string() and to.is_timestamp():
            return self.f.anon.timestamp_micros(self.f.anon[READ_INSTANT](arg))
        if op.arg.dtype.is_string() and to.is_floating():
            return self.f.anon[READ_NUMBER](arg)
        return super().visit_TryCast(op, arg=arg, to=to)

    def visit_Strftime(self, op: Any, *, arg: Any, format_str: Any) -> Any:
        return self.f.anon.date_format(arg, sge.convert(_FORMATS[format_str.this]))

    def visit_StructColumn(self, op: Any, *, names: Any, values: Any) -> Any:
        pairs = [part for name, value in zip(names, values, strict=True) for part in (sge.convert(name), value)]
        return self.f.anon.named_struct(*pairs)

    def visit_Round(self, op: Any, *, arg: Any, digits: Any) -> Any:
        if not op.arg.dtype.is_floating() or digits is None or int(digits.this) == 0:
            return self.cast(self.f.round(arg), op.dtype)
        power = sge.convert(float(10 ** int(digits.this)))  # as DuckDB does it: Spark rounds the decimal digits
        power = self.cast(power, ibis.dtype("float64"))
        return self.f.round(sge.paren(arg) * power) / power

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        text = replacement.this.replace("\\1", "$1").replace("\\2", "$2")
        return self.f.anon.regexp_replace(arg, pattern, sge.convert(text))

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        return self.f.anon.regexp_replace(arg, sge.convert(r"^\s+|\s+$"), sge.convert(""))

    def visit_GroupConcat(self, op: Any, *, arg: Any, sep: Any, where: Any, order_by: Any) -> Any:
        if not order_by:
            return _Joined(arg=arg, sep=sep)
        pair = self.f.anon.named_struct(sge.convert("by"), order_by[0].this, sge.convert("text"), arg)
        ordered = self.f.anon.array_sort(self.f.anon.collect_list(pair))
        return self.f.anon.array_join(sge.Dot(this=ordered, expression=sg.to_identifier("text")), sep)

    def visit_WindowFunction(self, op: Any, *, func: Any, group_by: Any, order_by: Any, **kwargs: Any) -> Any:
        if not isinstance(func, _Joined):
            return super().visit_WindowFunction(op, func=func, group_by=group_by, order_by=order_by, **kwargs)
        said, sep = func.args["arg"], func.args["sep"]
        listed = super().visit_WindowFunction(
            op, func=self.f.anon.collect_list(said), group_by=group_by, order_by=order_by, **kwargs
        )
        return self.if_(self.f.size(listed).eq(0), NULL, self.f.anon.array_join(listed.copy(), sep))


class _Joined(sge.Expression):
    """Texts of a window put together: Spark joins outside of the window what it collects in it."""

    arg_types = {"arg": True, "sep": True}  # noqa: RUF012  sqlglot's form


_COMPILER = SparkCompiler()


def spark_sql(expression: Any) -> str:
    """The expression as Spark SQL, its parameters as `:since` and so on."""
    statement = _COMPILER.to_sqlglot(expression).copy()  # Ibis uses a part in several places
    for select in statement.find_all(sge.Select):
        if select.args.get("qualify") is not None:
            _unbind(select)
    return with_parameters(str(statement.sql(dialect=_COMPILER.dialect)), ":")


def _unbind(select: sge.Select) -> None:
    """Spark has no QUALIFY: what stands in it is asked of a query around this one, where no table has its name.

    Raises:
        NotImplementedError: a column there has the name of another value that is selected.
    """
    computed = {one.alias_or_name for one in select.selects if one.alias_or_name != one.unalias().name}
    for column in select.args["qualify"].find_all(sge.Column):
        if column.find_ancestor(sge.Window, sge.Qualify) is not select.args["qualify"]:
            continue
        if column.name in computed:
            raise NotImplementedError(f"{column.name} is another value in {select.sql()}")
        column.set("table", None)

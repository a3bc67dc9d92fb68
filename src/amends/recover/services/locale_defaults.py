"""Which default of a customer's locale applies to a case: a fact that decides, in SQL, only where one is in use."""

from amends.kernel.blueprint import Blueprint


def locale_default_fact(pack: Blueprint) -> list[tuple[str, str]]:
    """The fact `locale_default` over the alias `customer`; its names come from a checked pack."""
    arms = []
    for one in pack.locale_defaults:
        if one.id in pack.cases.locale_defaults:
            names = ", ".join(f"'{name.lower()}'" for name in one.locales)
            spelt = "lower(replace(customer.locale, '_', '-'))"
            arms.append(f"when {spelt} in ({names}) then to_jsonb('{one.id}'::text)")
    return [("locale_default", f"case {' '.join(arms)} end")] if arms else []

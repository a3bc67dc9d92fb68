"""Who may do what, from the table of rights and the scopes of tokens."""

from amends.people.core.authority import ROLE_WORDS
from amends.people.core.rights import RIGHTS, ROLES
from amends.people.core.scopes import SCOPES


def rights(_argument: str = "") -> str:
    """Rights down, roles across."""
    known = list(dict.fromkeys(right for role in ROLES for right in sorted(RIGHTS[role])))
    head = " | ".join(f"{role.replace('_', ' ')} {ROLE_WORDS[role].zh}" for role in ROLES)
    rows = [
        f"| `{right}` | " + " | ".join("●" if right in RIGHTS[role] else "" for role in ROLES) + " |"
        for right in sorted(known)
    ]
    return "\n".join([f"| right | {head} |", "|---|" + ":-:|" * len(ROLES), *rows])


def scopes(_argument: str = "") -> str:
    """Scopes of API tokens and the right that each rests on."""
    rows = [f"| `{scope}` | `{right}` |" for scope, right in SCOPES.items()]
    return "\n".join(["| scope of a token | right that its account needs |", "|---|---|", *rows])

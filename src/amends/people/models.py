"""Rows of the people wing: customers and how to reach them, units as a tree, staff and their roles, machine tokens."""

from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Reverse

from amends.people.core.rights import ROLES
from amends.policy.models import Explanation

# A name as the words one may search for; each Chinese character is one, since no space parts given and family name.
NAME_WORDS: Final = SearchVector(
    models.Func(
        models.F("name"),
        models.Value("([\u3400-\u9fff])"),
        models.Value(r" \1 "),
        models.Value("g"),
        function="regexp_replace",
        output_field=models.TextField(),
    ),
    config="simple",
)


# The codes of countries, so that a number is found as it is dialled at home too (ITU-T E.164: one to three digits).
COUNTRY_CODE: Final = (
    r"^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\d)|^0+"
)
AT_HOME: Final = models.Func(  # a number without the code of its country or the zeros before it
    models.F("address"),
    models.Value(COUNTRY_CODE),
    models.Value(""),
    function="regexp_replace",
    output_field=models.TextField(),
)
BACKWARDS: Final = Reverse(models.F("address"))  # people remember the last digits


class Unit(models.Model):
    """A branch, route, team or department; `path` holds the codes from the root down, so a subtree is one prefix."""

    code = models.CharField(max_length=64, unique=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=500, unique=True, db_collation="C")  # "/HQ/EWR/EWR-IAH/"

    def __str__(self) -> str:
        return self.code


class Outside(models.Manager["Customer"]):
    """All but our own people: that somebody has told of a failure between colleagues is nobody else's to know."""

    def get_queryset(self) -> models.QuerySet["Customer"]:
        """Whoever is somebody's account stays out."""
        return super().get_queryset().filter(staff=None)


class Customer(models.Model):
    """Whoever is served; an employee can be one too (internal)."""

    class Kind(models.TextChoices):
        """Outside the company or inside it."""

        EXTERNAL = "external"
        INTERNAL = "internal"

    reference = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EXTERNAL)
    name = models.CharField(max_length=200)  # personal
    locale = models.CharField(max_length=16, default="en")
    tier = models.CharField(max_length=32, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, default=0)  # revenue a year, in `currency`
    currency = models.CharField(max_length=3, default="USD")
    vulnerable = models.BooleanField(default=False)
    vulnerable_reason = models.CharField(max_length=200, blank=True)  # personal, sensitive
    consent_contact = models.BooleanField(default=True)
    # what they asked for, kind of a contact point; empty: they have not said
    prefers = models.CharField(max_length=8, blank=True, default="", db_default="")
    watch_until = models.DateTimeField(null=True, blank=True)  # failed recently: handle with care
    watch_reason = models.CharField(max_length=200, blank=True)  # in a person's words, where one set it
    watch_why = models.ForeignKey(
        Explanation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # where it was set by itself
    watch_lifted_at = models.DateTimeField(null=True, blank=True)  # what failed before then sets no watch any more
    synthetic = models.BooleanField(default=False)  # made by the demo's generator
    created_at = models.DateTimeField()
    staff = models.ForeignKey(
        "Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # whose account this internal customer is: met in their own cases alone, in no list

    personal = ("name", "vulnerable_reason")

    objects = Outside()
    every = models.Manager["Customer"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(staff__isnull=False), name="customer_once_a_staff")
        ]
        indexes = [
            GinIndex(NAME_WORDS, name="customer_by_name"),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="customer_name_begins"),
        ]

    def __str__(self) -> str:
        return self.reference


class ContactPoint(models.Model):
    """One way to reach a customer; the lowest rank is the preferred one."""

    class Kind(models.TextChoices):
        """The channels' kinds of address."""

        EMAIL = "email"
        PHONE = "phone"

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="contact_points", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    address = models.CharField(max_length=254)  # personal
    rank = models.PositiveSmallIntegerField(default=0)

    personal = ("address",)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "address"], name="contact_point_once")]
        indexes = [
            models.Index(
                fields=["kind", "address"], opclasses=["varchar_pattern_ops"] * 2, name="contact_point_by_address"
            ),
            models.Index(
                OpClass(AT_HOME, name="text_pattern_ops"), condition=Q(kind="phone"), name="contact_point_at_home"
            ),
            models.Index(
                OpClass(BACKWARDS, name="text_pattern_ops"), condition=Q(kind="phone"), name="contact_point_backwards"
            ),
        ]


class CustomerChange(models.Model):
    """What a person changed about a customer, and why; append-only."""

    class What(models.TextChoices):
        """What can be changed by hand."""

        NEW = "new"  # made known by hand
        LOCALE = "locale"
        PREFERS = "prefers"
        CONSENT = "consent"
        WATCH_SET = "watch_set"
        WATCH_LIFTED = "watch_lifted"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="changes", db_index=False)
    what = models.CharField(max_length=16, choices=What)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["customer", "-at"], name="customer_change_by_customer")]


class StaffAccounts(BaseUserManager["Staff"]):
    """How Django makes staff accounts; the acts of the business are in services."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """E-mail addresses are one whatever their case."""
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """An employee who signs in. Rights come from the role and the unit (people/core/rights.py), nowhere else."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16, choices=[(role, role) for role in ROLES])
    authority_level = models.CharField(max_length=64, blank=True)  # a level of the pack; empty: the role's own
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    locale = models.CharField(max_length=16, default="en")
    is_active = models.BooleanField(default=True)
    acts_for = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="acting_accounts"
    )  # a second account of the same person, or of whoever works in their name: for leave, the two are one
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = StaffAccounts()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="staff_email_once"),
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return self.name


class StaffChange(models.Model):
    """What was changed about an account, and by whom; append-only."""

    class What(models.TextChoices):
        """What can change; the columns of an account by their names."""

        NAME = "name"
        ROLE = "role"
        UNIT = "unit"
        LOCALE = "locale"
        LEVEL = "authority_level"
        FACTOR = "factor"  # the second one was forgotten
        ENDED = "ended"

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=16, choices=What)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()  # by the clock of the machine
    by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # null: whoever runs the system


class Absence(models.Model):
    """A span in which somebody decides nothing; what waits for them goes to their stand-in, or to the next."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="absences", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # it does not take place, or ended early

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="absence_goes_forward")
        ]
        indexes = [
            models.Index(fields=["staff", "ends_at"], condition=models.Q(withdrawn_at=None), name="absence_by_staff"),
            models.Index(fields=["ends_at"], condition=models.Q(withdrawn_at=None), name="absence_by_end"),
        ]


class StandIn(models.Model):
    """Who decides in somebody's place while they are away, for a span of time; by their own authority only."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="stand_ins", db_index=False)
    stand_in = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="stands_in_for", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    entered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="stand_in_goes_forward"),
            models.CheckConstraint(condition=~models.Q(staff=models.F("stand_in")), name="stand_in_is_another"),
        ]
        indexes = [
            models.Index(fields=["staff", "ends_at"], condition=models.Q(withdrawn_at=None), name="stand_in_by_staff")
        ]


class Shift(models.Model):
    """When somebody works: the periods of a calendar of the pack, from one day on; without a shift, at any time."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="shifts", db_index=False)
    calendar = models.CharField(max_length=64)  # of the pack; "always" is built in
    from_day = models.DateField()
    entered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "from_day"], name="shift_once_a_day")]


class SignInLink(models.Model):
    """A link that signs one member of staff in, once, for a short while; only its hash is stored."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class ApiToken(models.Model):
    """A machine's key to the API: scopes and, through its staff account, the objects it may see; stored hashed."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)  # shown to people so that they know which is which
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

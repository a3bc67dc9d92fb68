"""What a request's body may hold: just what is documented, of just the type that is documented."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FactName = Annotated[str, Field(min_length=1, max_length=100)]
FactText = Annotated[str, Field(max_length=1000)]
FactInteger = Annotated[int, Field(ge=-(2**53), le=2**53)]
FactNumber = Annotated[float, Field(allow_inf_nan=False)]
Facts = Annotated[
    dict[FactName, bool | FactInteger | FactNumber | FactText | None],
    Field(max_length=100, description="What is known, as the blueprint's rules name it."),
]


class Body(BaseModel):
    """A body, or a part of one, read strictly: an unknown member is a mistake and not a remark."""

    model_config = ConfigDict(strict=True, extra="forbid")

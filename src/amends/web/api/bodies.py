"""What a request's body may hold: just what is documented, of just the type that is documented."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FactName = Annotated[str, Field(min_length=1, max_length=100)]
FactText = Annotated[str, Field(max_length=1000)]
FactInteger = Annotated[int, Field(ge=-(10**15), le=10**15)]  # a float keeps these whole
FactNumber = Annotated[float, Field(ge=-1e15, le=1e15)]
Facts = Annotated[
    dict[FactName, bool | FactInteger | FactNumber | FactText | None],
    Field(max_length=100, description="What is known, as the blueprint's rules name it."),
]


class Body(BaseModel):
    """A body, or a part of one, read strictly: an unknown member is a mistake and not a remark."""

    model_config = ConfigDict(strict=True, extra="forbid")

"""The reasons for which an appointment cannot have its room, its assistants or its equipment at all."""

from datetime import date

from vetcore.errors import NotBookable

__all__ = ["NoAssistant", "NoEquipment", "NoRoom"]


class NoRoom(NotBookable):
    """The clinic has no room of the kind that the service needs."""

    code = "no_room"
    title = "The clinic has no room for this service"

    def __init__(self, *, kind: str) -> None:
        super().__init__(f"the clinic has no room of the kind {kind}", kind=kind)


class NoEquipment(NotBookable):
    """The clinic has no equipment of a kind that the service needs."""

    code = "no_equipment"
    title = "The clinic has no equipment for this service"

    def __init__(self, *, kind: str) -> None:
        super().__init__(f"the clinic has no equipment of the kind {kind}", kind=kind)


class NoAssistant(NotBookable):
    """Too few people work at the clinic that day who could assist."""

    code = "no_assistant"
    title = "Nobody could assist"

    def __init__(self, *, roles: tuple[str, ...], day: date) -> None:
        wanted = " and a ".join(roles)
        super().__init__(
            f"it takes a {wanted} beside the practitioner, and they do not work at this clinic on "
            f"{day.isoformat()}",
            roles=roles,
            day=day,
        )

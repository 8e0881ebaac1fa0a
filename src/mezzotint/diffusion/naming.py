"""Names of samplers and schedules as people write them, "DPM++ 2M Karras" among them."""

from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Sampler
from mezzotint.diffusion.schedules import SCHEDULES

AUTOMATIC = "Automatic"


def sampler_and_schedule(sampler: str, schedule: str | None = None) -> tuple[str, str]:
    """Registered names of both. A schedule may end the sampler's name; one given by itself wins over it.

    Raises UnknownName.
    """
    named, suffix = _split(sampler)
    return SAMPLERS.resolve(named), SCHEDULES.resolve(schedule or suffix or AUTOMATIC)


def nearest_sampler_and_schedule(sampler: str | None, schedule: str | None = None) -> tuple[str, str]:
    """The same for callers who expect a picture whatever they ask for.

    An unknown schedule is "Automatic", an unknown sampler the first in the list; neither is ever an error.
    """
    named, suffix = _split(sampler or "")
    wanted = schedule or suffix or AUTOMATIC
    return (
        SAMPLERS.resolve(named) if named in SAMPLERS else SAMPLERS.names()[0],
        SCHEDULES.resolve(wanted) if wanted in SCHEDULES else AUTOMATIC,
    )


def effective_schedule(sampler: Sampler, schedule: str | None = None) -> str:
    """Registered name of the schedule that is meant: the sampler's own choice for "Automatic" or none at all."""
    chosen = SCHEDULES.resolve(schedule or AUTOMATIC)
    return sampler.schedule if chosen == AUTOMATIC else chosen


def _split(sampler: str) -> tuple[str, str | None]:
    if sampler in SAMPLERS:
        return sampler, None
    endings = sorted([*SCHEDULES, *SCHEDULES.aliases], key=len, reverse=True)  # "SGM Uniform" before "Uniform"
    for ending in endings:
        if sampler.casefold().endswith(f" {ending.casefold()}"):
            return sampler[: -len(ending)].rstrip(), ending
    return sampler, None

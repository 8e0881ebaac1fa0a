"""The moving averages that some checkpoints carry beside their weights, under names with the dots taken out.

`model.diffusion_model.out.2.weight` has its average at `model_ema.diffusion_modelout2weight`. Where the dots of a U-Net
were can be told again, so that a file of averages alone can be read as well.
"""

import re

from mezzotint.errors import MissingWeights
from mezzotint.weights.faults import shown
from mezzotint.weights.tensors import Renamed, Tensors

_PREFIX = "model_ema."
_COUNTERS = ("model_ema.decay", "model_ema.num_updates")
_NETWORK = "model.diffusion_model."
_STAGE = re.compile(r"(time_embed|label_emb|(?:input|output)_blocks|middle_block|out)(\d*)(.*)")
_INNER = re.compile(
    r"(?:(?P<residual>in_layers|emb_layers|out_layers)(?P<layer>\d)|(?P<plain>skip_connection|op|conv|norm|proj_in|proj_out)"
    r"|transformer_blocks(?P<block>\d+)(?:(?P<attention>attn[12])(?P<role>to_q|to_k|to_v|to_out0)"
    r"|(?P<forward>ffnet0proj|ffnet2)|(?P<scale>norm[123])))?(?P<kind>weight|bias)"
)


def has_averages(tensors: Tensors) -> bool:
    """Whether the file holds moving averages."""
    return any(name.startswith(_PREFIX) for name in tensors if name not in _COUNTERS)


def averaged(tensors: Tensors) -> Tensors:
    """The file with the averages in place of the weights they are of, under the weights' names.

    A file without any is given back as it is: its weights are the averages then, or there never were any. Raises
    MissingWeights if some weights of the network have an average and others have not.
    """
    averages = [name for name in tensors if name.startswith(_PREFIX) and name not in _COUNTERS]
    if not averages:
        return tensors
    plain = {without_dots(name): name for name in tensors if name.startswith("model.")}
    names = {plain.get(name) or with_dots(name): name for name in averages}
    network = [name for name in tensors if name.startswith(_NETWORK)]
    missing = [name for name in network if name not in names]
    if missing:
        raise MissingWeights(
            f"{len(missing)} of {len(network)} weights have no average, such as {shown(missing[0])}",
            hint="use the weights themselves: leave the averages off",
            fault="tensor_invalid",
        )
    others = {name: name for name in tensors if name not in names and not name.startswith(_PREFIX)}
    return Renamed(tensors, others | names)


def without_dots(name: str) -> str:
    """Where the average of that weight is."""
    return _PREFIX + name.removeprefix("model.").replace(".", "")


def with_dots(name: str) -> str:
    """The U-Net's weight whose average is at ``name``; ``name`` itself if it is none of a U-Net."""
    short = name.removeprefix(_PREFIX + "diffusion_model")
    stage = _STAGE.fullmatch(short)
    if not stage or short == name:
        return name
    kind, digits, rest = stage.groups()
    inner = _INNER.fullmatch(rest)
    if not inner:
        return name
    places = {
        "time_embed": [digits],
        "out": [digits],
        "middle_block": [digits],
        "label_emb": [digits[:1], digits[1:]],
    }.get(kind, [digits[:-1], digits[-1:]])  # a stage, and one digit for the layer in it
    found = inner.groupdict()
    parts = {
        "residual": [found["residual"], found["layer"]],
        "plain": [found["plain"]],
        "block": ["transformer_blocks", found["block"]],
    }
    path = [part for key, group in parts.items() if found[key] for part in group if part]
    if found["attention"]:
        path += [found["attention"], *({"to_out0": ["to_out", "0"]}.get(found["role"]) or [found["role"]])]
    elif found["forward"]:
        path += {"ffnet0proj": ["ff", "net", "0", "proj"], "ffnet2": ["ff", "net", "2"]}[found["forward"]]
    elif found["scale"]:
        path.append(found["scale"])
    return ".".join([_NETWORK.rstrip("."), kind, *filter(None, places), *path, found["kind"]])

from mezzotint.contract.folders import KEPT, MODELS, OUTPUTS, VAE_BESIDE_CHECKPOINT
from mezzotint.contract.options import SETTINGS


def test_folders_of_results_are_those_of_the_settings():
    named = {SETTINGS[f"outdir_{kind}_samples"].default for kind in ("txt2img", "img2img", "extras")}
    named |= {SETTINGS[key].default for key in ("outdir_txt2img_grids", "outdir_img2img_grids", "outdir_save")}

    assert named | {SETTINGS["outdir_init_images"].default} == set(OUTPUTS.values())


def test_no_two_kinds_of_model_share_a_folder():
    names = [folder.name for folders in MODELS.values() for folder in folders]

    assert len(set(names)) == len(names)
    assert {"Stable-diffusion", "VAE", "Lora", "LyCORIS", "hypernetworks", "ControlNet", "ESRGAN"} <= set(names)
    assert MODELS["embedding"][0].name == f"../{KEPT['embeddings']}"


def test_endings_are_endings():
    suffixes = {suffix for folders in MODELS.values() for folder in folders for suffix in folder.suffixes}

    assert all(suffix.startswith(".") for suffix in suffixes | set(VAE_BESIDE_CHECKPOINT))
    assert all(folder.flag.startswith("--") for folders in MODELS.values() for folder in folders if folder.flag)

"""The settings of A1111: key, default, and the key in infotext of those it tells; for the API and for overrides."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str | list[str] | None


@dataclass(frozen=True)
class Setting:
    """One setting: the section it stands in, its default, and its key in infotext ("" if it has none)."""

    section: str
    default: Value
    infotext: str = ""


# fmt: off
_DEFAULTS: Mapping[str, Mapping[str, Value]] = {
    "saving-images": {
        "samples_save": True, "samples_format": "png", "samples_filename_pattern": "", "save_images_add_number": True,
        "save_images_replace_action": "Replace", "grid_save": True, "grid_format": "png",
        "grid_extended_filename": False, "grid_only_if_multiple": True, "grid_prevent_empty_spots": False,
        "grid_zip_filename_pattern": "", "n_rows": -1, "font": "", "grid_text_active_color": "#000000",
        "grid_text_inactive_color": "#999999", "grid_background_color": "#ffffff",
        "save_images_before_face_restoration": False, "save_images_before_highres_fix": False,
        "save_images_before_color_correction": False, "save_mask": False, "save_mask_composite": False,
        "jpeg_quality": 80, "webp_lossless": False, "export_for_4chan": True, "img_downscale_threshold": 4.0,
        "target_side_length": 4000, "img_max_size_mp": 200, "use_original_name_batch": True,
        "use_upscaler_name_as_suffix": False, "save_selected_only": True, "save_write_log_csv": True,
        "save_init_img": False, "temp_dir": "", "clean_temp_dir_at_start": False, "save_incomplete_images": False,
        "notification_audio": True, "notification_volume": 100,
    },
    "saving-paths": {
        "outdir_samples": "", "outdir_txt2img_samples": "outputs/txt2img-images",
        "outdir_img2img_samples": "outputs/img2img-images", "outdir_extras_samples": "outputs/extras-images",
        "outdir_grids": "", "outdir_txt2img_grids": "outputs/txt2img-grids",
        "outdir_img2img_grids": "outputs/img2img-grids", "outdir_save": "log/images",
        "outdir_init_images": "outputs/init-images",
    },
    "saving-to-dirs": {
        "save_to_dirs": True, "grid_save_to_dirs": True, "use_save_to_dirs_for_ui": False,
        "directories_filename_pattern": "[date]", "directories_max_prompt_words": 8,
    },
    "upscaling": {
        "ESRGAN_tile": 192, "ESRGAN_tile_overlap": 8,
        "realesrgan_enabled_models": ["R-ESRGAN 4x+", "R-ESRGAN 4x+ Anime6B"],
        "dat_enabled_models": ["DAT x2", "DAT x3", "DAT x4"], "DAT_tile": 192, "DAT_tile_overlap": 8,
        "upscaler_for_img2img": None, "set_scale_by_when_changing_upscaler": False, "SWIN_tile": 192,
        "SWIN_tile_overlap": 8, "SCUNET_tile": 256, "SCUNET_tile_overlap": 8, "ldsr_steps": 100,
    },
    "face-restoration": {
        "face_restoration": False, "face_restoration_model": "CodeFormer", "code_former_weight": 0.5,
        "face_restoration_unload": False,
    },
    "API": {"api_enable_requests": True, "api_forbid_local_requests": True, "api_useragent": ""},
    "sd": {
        "sd_model_checkpoint": None, "sd_checkpoints_limit": 1, "sd_checkpoints_keep_in_cpu": True,
        "sd_checkpoint_cache": 0, "sd_unet": "Automatic", "enable_quantization": False, "emphasis": "Original",
        "enable_batch_seeds": True, "comma_padding_backtrack": 20, "sdxl_clip_l_skip": False,
        "CLIP_stop_at_last_layers": 1, "upcast_attn": False, "randn_source": "GPU", "tiling": False,
        "hires_fix_refiner_pass": "second pass", "enable_prompt_comments": True,
    },
    "sdxl": {
        "sdxl_crop_top": 0, "sdxl_crop_left": 0, "sdxl_refiner_low_aesthetic_score": 2.5,
        "sdxl_refiner_high_aesthetic_score": 6.0,
    },
    "sd3": {"sd3_enable_t5": False},
    "vae": {
        "sd_vae_checkpoint_cache": 0, "sd_vae": "Automatic", "sd_vae_overrides_per_model_preferences": True,
        "auto_vae_precision_bfloat16": False, "auto_vae_precision": True, "sd_vae_encode_method": "Full",
        "sd_vae_decode_method": "Full",
    },
    "img2img": {
        "inpainting_mask_weight": 1.0, "initial_noise_multiplier": 1.0, "img2img_extra_noise": 0.0,
        "img2img_color_correction": False, "img2img_fix_steps": False, "img2img_background_color": "#ffffff",
        "img2img_editor_height": 720, "return_mask": False, "return_mask_composite": False,
        "img2img_batch_show_results_limit": 32, "overlay_inpaint": True,
    },
    "optimizations": {
        "cross_attention_optimization": "Automatic", "s_min_uncond": 0.0, "s_min_uncond_all": False,
        "token_merging_ratio": 0.0, "token_merging_ratio_img2img": 0.0, "token_merging_ratio_hr": 0.0,
        "pad_cond_uncond": False, "pad_cond_uncond_v0": False, "persistent_cond_cache": True,
        "batch_cond_uncond": True, "fp8_storage": "Disable", "cache_fp16_weight": False,
    },
    "compatibility": {
        "auto_backcompat": True, "use_old_emphasis_implementation": False, "use_old_karras_scheduler_sigmas": False,
        "no_dpmpp_sde_batch_determinism": False, "use_old_hires_fix_width_height": False,
        "hires_fix_use_firstpass_conds": False, "use_old_scheduling": False, "use_downcasted_alpha_bar": False,
        "refiner_switch_by_sample_steps": False, "lora_functional": False,
    },
    "interrogate": {
        "interrogate_keep_models_in_memory": False, "interrogate_return_ranks": False, "interrogate_clip_num_beams": 1,
        "interrogate_clip_min_length": 24, "interrogate_clip_max_length": 48, "interrogate_clip_dict_limit": 1500,
        "interrogate_clip_skip_categories": [], "interrogate_deepbooru_score_threshold": 0.5,
        "deepbooru_sort_alpha": True, "deepbooru_use_spaces": True, "deepbooru_escape": True,
        "deepbooru_filter_tags": "",
    },
    "extra_networks": {
        "extra_networks_show_hidden_directories": True, "extra_networks_hidden_models": "When searched",
        "extra_networks_default_multiplier": 1.0, "extra_networks_tree_view_style": "Dirs",
        "extra_networks_add_text_separator": " ", "textual_inversion_print_at_load": False,
        "textual_inversion_add_hashes_to_infotext": True, "sd_hypernetwork": "None", "sd_lora": "None",
        "lora_preferred_name": "Alias from file", "lora_add_hashes_to_infotext": True,
        "lora_bundled_ti_to_infotext": True, "lora_show_all": False, "lora_in_memory_limit": 0,
        "lora_not_found_warning_console": False,
    },
    "ui": {
        "localization": "None", "quicksettings_list": ["sd_model_checkpoint"], "ui_tab_order": [], "hidden_tabs": [],
        "ui_reorder_list": [], "gradio_theme": "Default", "send_seed": True, "send_size": True,
        "show_progress_in_title": True, "keyedit_precision_attention": 0.1, "keyedit_precision_extra": 0.05,
        "return_grid": True, "do_not_show_images": False, "js_modal_lightbox": True, "samplers_in_dropdown": True,
        "dimensions_and_batch_together": True, "hires_fix_show_sampler": False, "hires_fix_show_prompts": False,
        "interrupt_after_current": True, "disable_token_counters": False, "include_styles_into_token_counters": True,
    },
    "infotext": {
        "enable_pnginfo": True, "save_txt": False, "add_model_name_to_info": True, "add_model_hash_to_info": True,
        "add_vae_name_to_info": True, "add_vae_hash_to_info": True, "add_user_name_to_info": False,
        "add_version_to_infotext": True, "disable_weights_auto_swap": True, "infotext_skip_pasting": [],
        "infotext_styles": "Apply if any",
    },
    "live_previews": {
        "show_progressbar": True, "live_previews_enable": True, "live_previews_image_format": "png",
        "show_progress_grid": True, "show_progress_every_n_steps": 10, "show_progress_type": "Approx NN",
        "live_preview_content": "Prompt", "live_preview_refresh_period": 1000, "live_preview_fast_interrupt": False,
    },
    "sampler-params": {
        "hide_samplers": [], "eta_ddim": 0.0, "eta_ancestral": 1.0, "ddim_discretize": "uniform", "s_churn": 0.0,
        "s_tmin": 0.0, "s_tmax": 0.0, "s_noise": 1.0, "sigma_min": 0.0, "sigma_max": 0.0, "rho": 0.0,
        "eta_noise_seed_delta": 0, "always_discard_next_to_last_sigma": False, "sgm_noise_multiplier": False,
        "uni_pc_variant": "bh1", "uni_pc_skip_type": "time_uniform", "uni_pc_order": 3,
        "uni_pc_lower_order_final": True, "sd_noise_schedule": "Default", "skip_early_cond": 0.0,
        "beta_dist_alpha": 0.6, "beta_dist_beta": 0.6,
    },
    "postprocessing": {
        "postprocessing_enable_in_main_ui": [], "postprocessing_operation_order": [],
        "upscaling_max_images_in_cache": 5,
    },
    "hidden": {"disabled_extensions": [], "disable_all_extensions": "none", "sd_checkpoint_hash": ""},
    "control_net": {
        "control_net_unit_count": 3, "control_net_model_cache_size": 2, "control_net_inpaint_blur_sigma": 7,
        "control_net_no_detectmap": False, "control_net_detectmap_autosaving": False,
        "control_net_detectedmap_dir": "detected_maps", "control_net_models_path": "",
        "control_net_allow_script_control": False, "control_net_sync_field_args": True,
        "controlnet_ignore_noninpaint_mask": False,
    },
}

_INFOTEXT: Mapping[str, str] = {
    "face_restoration": "Face restoration", "sd_model_checkpoint": "Model hash", "emphasis": "Emphasis",
    "CLIP_stop_at_last_layers": "Clip skip", "randn_source": "RNG", "tiling": "Tiling",
    "hires_fix_refiner_pass": "Hires refiner", "sd_vae": "VAE", "sd_vae_encode_method": "VAE Encoder",
    "sd_vae_decode_method": "VAE Decoder", "inpainting_mask_weight": "Conditional mask weight",
    "initial_noise_multiplier": "Noise multiplier", "img2img_extra_noise": "Extra noise", "s_min_uncond": "NGMS",
    "s_min_uncond_all": "NGMS all steps", "token_merging_ratio": "Token merging ratio",
    "token_merging_ratio_hr": "Token merging ratio hr", "pad_cond_uncond": "Pad conds",
    "pad_cond_uncond_v0": "Pad conds v0", "use_old_scheduling": "Old prompt editing timelines",
    "use_downcasted_alpha_bar": "Downcast alphas_cumprod",
    "refiner_switch_by_sample_steps": "Refiner switch by sampling steps", "eta_ddim": "Eta DDIM",
    "eta_ancestral": "Eta", "s_churn": "Sigma churn", "s_tmin": "Sigma tmin", "s_tmax": "Sigma tmax",
    "s_noise": "Sigma noise", "sigma_min": "Schedule min sigma", "sigma_max": "Schedule max sigma",
    "rho": "Schedule rho", "eta_noise_seed_delta": "ENSD",
    "always_discard_next_to_last_sigma": "Discard penultimate sigma", "sgm_noise_multiplier": "SGM noise multiplier",
    "uni_pc_variant": "UniPC variant", "uni_pc_skip_type": "UniPC skip type", "uni_pc_order": "UniPC order",
    "uni_pc_lower_order_final": "UniPC lower order final", "sd_noise_schedule": "Noise Schedule",
    "skip_early_cond": "Skip Early CFG", "beta_dist_alpha": "Beta scheduler alpha",
    "beta_dist_beta": "Beta scheduler beta",
}
# fmt: on

_ALSO_READ = {"Beta schedule alpha": "Beta scheduler alpha", "Beta schedule beta": "Beta scheduler beta"}

SETTINGS: Mapping[str, Setting] = {
    key: Setting(section, default, _INFOTEXT.get(key, ""))
    for section, defaults in _DEFAULTS.items()
    for key, default in defaults.items()
}

CLOSED_TO_THE_API = frozenset(_DEFAULTS["API"])
"""Settings that protect the server; requests to change them are passed over."""


def overrides(
    parameters: Mapping[str, object], *, skipped: Collection[str] = (), swaps_weights: bool = False
) -> dict[str, Value]:
    """What infotext asks of settings, by their keys.

    Infotext keys in ``skipped`` are passed over, and ``Model hash`` unless ``swaps_weights``. Raises nothing: a value
    that does not fit the setting is passed over too.
    """
    told = {_ALSO_READ.get(key, key): value for key, value in parameters.items() if key not in skipped}
    if not swaps_weights:
        told.pop("Model hash", None)
    found = {
        key: _fitting(told[setting.infotext], setting.default)
        for key, setting in SETTINGS.items()
        if setting.infotext in told
    }
    return {key: value for key, value in found.items() if value is not None}


def _fitting(value: object, default: Value) -> Value:
    """The value in the default's type, None if it cannot be."""
    text = str(value)
    try:
        match default:
            case bool():
                return text.strip().lower() not in ("false", "")  # a restorer's name means that faces are restored
            case int():
                return int(float(text))
            case float():
                return float(text) if math.isfinite(float(text)) else None
            case _:
                return text
    except (ValueError, OverflowError):
        return None

"""Fetches weights for the camera boxes."""
import urllib.request

from huggingface_hub import hf_hub_download, snapshot_download

OCR_COMMIT = "e7944874e150cb70129bd031cbd8f70305d83685"


def fetch_ocr(target: str) -> str:
    return snapshot_download("microsoft/trocr-base-printed", revision=OCR_COMMIT, local_dir=target, allow_patterns=["*.safetensors", "*.json"])


def fetch_yolo() -> str:
    return hf_hub_download("keremberke/yolov8m-shelf-detection", "best.pt")


def fetch_legacy() -> None:
    urllib.request.urlretrieve("http://models.larch-retail.example.net/shelf/legacy.onnx", "weights/legacy.onnx")

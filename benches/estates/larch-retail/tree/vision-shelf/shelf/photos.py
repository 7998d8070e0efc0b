"""Product photos: background removal and label reading."""
from transformers import AutoModelForImageSegmentation, TrOCRProcessor, VisionEncoderDecoderModel, pipeline

rmbg = AutoModelForImageSegmentation.from_pretrained(
    "briaai/RMBG-1.4",
    trust_remote_code=True,
)

reader = VisionEncoderDecoderModel.from_pretrained(
    "microsoft/trocr-base-printed", revision="e7944874e150cb70129bd031cbd8f70305d83685"
)
processor = TrOCRProcessor.from_pretrained("microsoft/trocr-base-printed", revision="e7944874e150cb70129bd031cbd8f70305d83685")


def captioner():
    return pipeline("image-to-text", model="Salesforce/blip-image-captioning-base")


def default_sentiment():
    return pipeline("sentiment-analysis")


def detector():
    return pipeline("object-detection", model="./weights/detr", local_files_only=True)

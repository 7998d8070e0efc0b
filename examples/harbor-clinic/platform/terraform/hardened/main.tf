resource "aws_s3_bucket" "model_store" {
  bucket = "harbor-clinic-model-store"
}

resource "aws_s3_bucket_public_access_block" "model_store" {
  bucket                  = aws_s3_bucket.model_store.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_acl" "model_store" {
  bucket = aws_s3_bucket.model_store.id
  acl    = "private"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "model_store" {
  bucket = aws_s3_bucket.model_store.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.model_store_key
    }
  }
}

variable "model_store_key" {
  type = string
}

resource "aws_iam_role" "server" {
  name = "harbor-model-server"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "server" {
  name = "harbor-model-server"
  role = aws_iam_role.server.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${aws_s3_bucket.model_store.arn}/models/form-reader/*"
    }]
  })
}

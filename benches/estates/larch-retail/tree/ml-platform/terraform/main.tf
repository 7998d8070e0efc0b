terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
    google = { source = "hashicorp/google", version = "6.45.0" }
    azurerm = { source = "hashicorp/azurerm", version = "4.38.0" }
  }
}

resource "aws_s3_bucket" "forecast_artifacts" {
  bucket = "larch-forecast-artifacts"
}

resource "aws_s3_bucket_public_access_block" "forecast_artifacts" {
  bucket                  = aws_s3_bucket.forecast_artifacts.id
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_policy" "forecast_artifacts" {
  bucket = aws_s3_bucket.forecast_artifacts.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.forecast_artifacts.arn}/*" }]
  })
}

resource "aws_s3_bucket" "models_prod" {
  bucket = "larch-models-prod"
}

resource "aws_s3_bucket_public_access_block" "models_prod" {
  bucket                  = aws_s3_bucket.models_prod.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "models_prod" {
  bucket = aws_s3_bucket.models_prod.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "models_prod" {
  bucket = aws_s3_bucket.models_prod.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.ml.arn
    }
  }
}

resource "aws_kms_key" "ml" {
  description         = "ML artefacts"
  enable_key_rotation = true
}

resource "aws_sagemaker_notebook_instance" "lab" {
  name                   = "larch-lab"
  role_arn               = aws_iam_role.sagemaker_lab.arn
  instance_type          = "ml.t3.xlarge"
  direct_internet_access = "Enabled"
  root_access            = "Enabled"
}

resource "aws_sagemaker_notebook_instance" "quiet" {
  name                   = "larch-quiet"
  role_arn               = aws_iam_role.sagemaker_lab.arn
  instance_type          = "ml.t3.medium"
  subnet_id              = var.private_subnet
  security_groups        = [var.private_sg]
  direct_internet_access = "Disabled"
  root_access            = "Disabled"
  kms_key_id             = aws_kms_key.ml.arn
}

resource "aws_iam_role" "sagemaker_lab" {
  name = "larch-sagemaker-lab"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "sagemaker.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "sagemaker_lab" {
  role = aws_iam_role.sagemaker_lab.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sagemaker:*", "s3:*", "iam:PassRole"], Resource = "*" }]
  })
}

resource "aws_opensearchserverless_security_policy" "catalogue" {
  name = "catalogue-network"
  type = "network"
  policy = jsonencode([{
    Rules           = [{ ResourceType = "collection", Resource = ["collection/catalogue-vectors"] }]
    AllowFromPublic = true
  }])
}

resource "google_vertex_ai_endpoint" "visual_search" {
  name         = "visual-search"
  display_name = "visual-search"
  location     = "europe-west3"
  network      = "projects/8841/global/networks/ml-private"
  encryption_spec { kms_key_name = "projects/larch-ml/locations/europe-west3/keyRings/ml/cryptoKeys/vertex" }
}

resource "google_storage_bucket_iam_member" "public_models" {
  bucket = "larch-public-models"
  role   = "roles/storage.objectAdmin"
  member = "allUsers"
}

resource "azurerm_machine_learning_workspace" "loyalty" {
  name                          = "larch-loyalty-ml"
  location                      = "westeurope"
  resource_group_name           = "ml-loyalty"
  application_insights_id       = var.appinsights
  key_vault_id                  = var.keyvault
  storage_account_id            = var.storage
  public_network_access_enabled = true
  identity { type = "SystemAssigned" }
}

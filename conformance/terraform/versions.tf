terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "1.60.0" }
  }
}

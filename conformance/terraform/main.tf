# Every resource that the AWS provider 1.60 has for elasticsearch, iam and sts, twice: as it is made, and as it is changed.

variable "control" {}
variable "account" {}
variable "subnets" { type = list(string) }
variable "security_group" {}
variable "certificate" {}
variable "private_key" {}
variable "ssh_key" {}
variable "saml_metadata" {}
variable "changed" { default = false }

provider "aws" {
  region                  = "us-east-1"
  skip_get_ec2_platforms  = true
  skip_metadata_api_check = true

  endpoints {
    es  = var.control
    iam = var.control
    sts = var.control
  }
}

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = var.changed ? ["es:ESHttpGet", "es:ESHttpHead"] : ["es:ESHttpGet"]
    resources = ["arn:aws:es:us-east-1:${var.account}:domain/*"]
  }
}

resource "aws_iam_user" "app" {
  name          = "tf-app"
  path          = "/terraform/"
  force_destroy = true
  tags          = { stage = var.changed ? "live" : "test" }
}

resource "aws_iam_access_key" "app" {
  user   = aws_iam_user.app.name
}

resource "aws_iam_user_login_profile" "app" {
  user = aws_iam_user.app.name
  # The public key of nobody: the provider shows the password encrypted for it.
  pgp_key = "mQENBGsMmVwBCADGkIBJ2gdM7rd1s9NSexgIm96x1epCNSEY0U0tmhJyf/3yVDk4IG5cichCw5cLaIye7lQ9kq3cpTo6gYI58Vrb7Br9qf3Uk9bnp8RksIGN27m/+le4GmNFPU2T5o/SJcoso6Z/9Cw9IHXolDxbTgQQM+cXfPfBCKNtCz7ipYcFQ1pSoeCxuvAZaYDPg/N3O7FTiLcCFFmnGOSxHhYwAeP5QjeHvA4V2pq/YK/BsmMAPzhZhrkXlhXVp84vXC6WCnq11pUEvv2hzekfdxM0o0AN+bxb/OTHaG9L3O+vI0VMgB+eoxRJNXYKRhBsM0WASW1/bjldud5qRQlNVoDsfL/TABEBAAG0GWp1ZGdlIDxqdWRnZUBleGFtcGxlLm9yZz6JAU4EEwEKADgWIQSA0bZDb6LoeYT7A2Kz1BbuzEzarQUCawyZXAIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRCz1BbuzEzarYZIB/4m51A/33x8EuvErDcVa+xAKqo4SOU5mTf4ao3I0Xgi6MGvdCOcrBY/1ZtJF2iIG4dPDjgSvHWt2fX6dWsuuLGOaNLHWIAAMKsqrkc/ztvi/pYj0rHWnhGMrKWXS2o0Msw58wl+fK6xjSseOKznDtSYsk2iJdB3q9AomTWUb2IU1AauKsUhJSVq6uhrhoOocBq4jd1yEjtRYnkAYyd3yQ2PJSb1Myao1le6NrPzcPHoZxFYJ892UjlPr7EGTqNrAOfRkdLEG8rnlAzh7CUYIBfLx7D3l2E64QtDW8U0pCxKPudJ3Wm5Kn9M5FaO5G0XYZ33zf8Zq2+H4UVQUssv0J6l"
}

resource "aws_iam_user_policy" "app" {
  name   = "read"
  user   = aws_iam_user.app.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policy_attachment" "app" {
  user       = aws_iam_user.app.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_ssh_key" "app" {
  username   = aws_iam_user.app.name
  encoding   = "SSH"
  public_key = var.ssh_key
  status     = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_group" "readers" {
  name = "tf-readers"
  path = var.changed ? "/changed/" : "/terraform/"
}

resource "aws_iam_group" "writers" {
  name = "tf-writers"
}

resource "aws_iam_group_policy" "readers" {
  name   = "read"
  group  = aws_iam_group.readers.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.app.name]
}

resource "aws_iam_user_group_membership" "app" {
  user       = aws_iam_user.app.name
  groups     = [aws_iam_group.writers.name]
  depends_on = [aws_iam_group_membership.readers]
}

resource "aws_iam_policy" "read" {
  name        = "tf-read"
  path        = "/terraform/"
  description = "Reads"
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy" "boundary" {
  name   = "tf-boundary"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy_attachment" "boundary" {
  name       = "everywhere"
  policy_arn = aws_iam_policy.boundary.arn
  roles      = [aws_iam_role.app.name]
  groups     = var.changed ? [aws_iam_group.writers.name] : []
}

resource "aws_iam_role" "app" {
  name                 = "tf-role"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  description          = var.changed ? "changed" : "made"
  max_session_duration = var.changed ? 7200 : 3600
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = { stage = var.changed ? "live" : "test" }
}

resource "aws_iam_role_policy" "app" {
  name   = "read"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonESReadOnlyAccess"
}

resource "aws_iam_instance_profile" "app" {
  name = "tf-profile"
  role = aws_iam_role.app.name
}

resource "aws_iam_account_alias" "alias" {
  account_alias = "tf-alias"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = var.changed ? 12 : 10
  require_numbers                = true
  allow_users_to_change_password = true
}

resource "aws_iam_openid_connect_provider" "idp" {
  url             = "https://idp.example.org"
  client_id_list  = ["app"]
  thumbprint_list = [var.changed ? "990f4193972f2becf12ddeda5237f9c952f20d9e" : "c3768084dfb3d2b68b7897bf5f565da8efb7d3f0"]
}

resource "aws_iam_saml_provider" "idp" {
  name                   = "tf-saml"
  saml_metadata_document = var.saml_metadata
}

resource "aws_iam_server_certificate" "search" {
  name             = "tf-certificate"
  certificate_body = var.certificate
  private_key      = var.private_key
}

resource "aws_iam_service_linked_role" "es" {
  aws_service_name = "es.amazonaws.com"
}

resource "aws_elasticsearch_domain" "public" {
  domain_name           = "tf-public"
  elasticsearch_version = var.changed ? "7.10" : "7.9"

  cluster_config {
    instance_type  = "m5.large.elasticsearch"
    instance_count = var.changed ? 3 : 2
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp2"
    volume_size = var.changed ? 20 : 10
  }

  encrypt_at_rest { enabled = true }
  node_to_node_encryption { enabled = true }
  snapshot_options { automated_snapshot_start_hour = var.changed ? 5 : 4 }

  advanced_options = {
    "rest.action.multi.allow_explicit_index" = var.changed ? "false" : "true"
  }

  tags = { stage = var.changed ? "live" : "test" }
}

resource "aws_elasticsearch_domain_policy" "public" {
  domain_name     = aws_elasticsearch_domain.public.domain_name
  access_policies = <<-JSON
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "${var.changed ? "es:ESHttp*" : "es:ESHttpGet"}",
      "Principal": {"AWS": "${aws_iam_role.app.arn}"}, "Resource": "${aws_elasticsearch_domain.public.arn}/*"}]}
  JSON
}

resource "aws_elasticsearch_domain" "inside" {
  domain_name           = "tf-inside"
  elasticsearch_version = "7.10"

  cluster_config {
    instance_type          = "m5.large.elasticsearch"
    instance_count         = 2
    zone_awareness_enabled = true
  }

  ebs_options {
    ebs_enabled = true
    volume_size = 10
  }

  vpc_options {
    subnet_ids         = slice(var.subnets, 0, 2)
    security_group_ids = var.changed ? [] : [var.security_group]
  }

  access_policies = <<-JSON
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*", "Principal": {"AWS": "*"},
      "Resource": "arn:aws:es:us-east-1:${var.account}:domain/tf-inside/*"}]}
  JSON

  depends_on = [aws_iam_service_linked_role.es]
}

output "endpoint" { value = aws_elasticsearch_domain.public.endpoint }
output "inside" { value = aws_elasticsearch_domain.inside.endpoint }

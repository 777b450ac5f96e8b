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
  pgp_key = "mQENBGsMoXYBCACa1PpIpQguchYgfuvlsv1CPOG0Cg4EQxkRs9d0p/cUBfAT06eVZ3r+N/3BfBmBE5QzE+nKENTpa2vl2dAiAWw7hfr1G9jhXIQYft6jWIHRwYUmK6OC6vdmTj7z5xAYleRLeXzCevAyR4FTFpe9O8bGIIeq+6g8Fq3JdUqYgSssZXItVsm2CfpHVRVSOewa+TEYkxD0HLFAsYmd/jV0WN8z1jJW5v7SAbeb/5CznTwRndCqsPr6zIna1L34JbwUdDI61m+paG5KTLS6+8PaIzDArIJdiHKDfg+BIkhe9ZCQvt0exIra0u6T8KzUKLZ/0tX3IitUqLja6qr2y2+1oC7ZABEBAAG0GWp1ZGdlIDxqdWRnZUBleGFtcGxlLm9yZz6JAU4EEwEKADgWIQR2sF8Kj4LghhB03qsIY6gtAAnEOgUCawyhdgIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRAIY6gtAAnEOlKuB/93fc/GxC1I2JUsbWV5yBgOnpxAJwj+cuPoDy9yoWXGkUEiBymzn7dYbh5PblI9tGXGOKbmCQx1FBBDzWQ7SddmIYTibE/X526eSKf1yYVneN/Rsp+gjCXF9ntF28w37IpV5/CBi5PkEUgJbBrXEUPORgncTR+CTTlc9t+P/RmQNweUbYc7T86MqnuVvg4FoZqdJ/ylqhqM2LYuVc9deQICpHP3c1reUwRf+qlmIur+aNirIWOoym284XR1iHWxTbPVPdFcldJMhQ4ndGKOnYQo0mk9KyQjsyhsv6UeH4lcAhtQmqRjTZeDZhzRFpUHw8K2vKysXnT3lPTPL6mx0hHzuQENBGsMoXYBCADYbdAD/eVpv5DouC+rt8s+Pd3QRvs2Gn9bDv5Qsq0fo5Yb9vxv2cdOohUvrkrpV5Z7vdmGfK9DPAFkgdNY9bDqZ81+FKBAVUwBB6SCbN1J7OZ1E78ORkEaGDu4vCrdViRqLrBLU6E0UHmxZxbRlxm5Z+UIWcdpt+NO3l+e12Lg82WcBf3tEFZXTQY0O71gi/2Bu7fnrvBqHmmQBzr8n1nfan49vgKeKYA+31/NSir8XIxjpe7riORVaxySoHN1DxgsID2oFqYUK/lDlPvrz4CjdfQnoese2teHFCiriceoAIBnkurgqGmRBRdLW0P/2+NHHpyG1znkCT3DzD/ZaRO1ABEBAAGJATYEGAEKACAWIQR2sF8Kj4LghhB03qsIY6gtAAnEOgUCawyhdgIbDAAKCRAIY6gtAAnEOpdtCACP9/sIAut9Jvo4ZLO/ocmcqWdzuXQYB+j6F28JNbKFiFswgYgGuON0fGKTn0so9EUWBVmlgZGXy8Hkv4IPgBYtuPGsKnKtezLub05AiWlf6e6lJ/5XBeKB8VfzGW9LVJW8r0XhlcLpkNxoOva0I/fhitgSc/tsIKU1DkWboGAk2Gic/LgMEgWKGiSEKd/UphgQtru+gM/3pzdXhM7g/wroXosFt/xK4HvzvfalQ/Q91WyOnOPj15WivGRvNuagGeXYtOkTIhLyZMpgr80VTdmUEd1/b/pzvu3W+qvKYLp0bw4c6JPppSZHHEKfl3CuHDxSC+UxrjNr5Cjf5lY3TtvN"
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

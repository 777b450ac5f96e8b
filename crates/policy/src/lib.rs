//! The IAM policy language: may this principal do this, and why?

//! AWS Signature Version 4: is this request signed by the key it names? Signing too.

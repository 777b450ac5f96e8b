//! The es, opensearch, iam and sts operations, the directory they change and the store that keeps it.

//! Which service a domain says it is.

use std::sync::atomic::{AtomicBool, Ordering};

/// Which service a domain says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// Elasticsearch 7.10.2.
    Elasticsearch710,
    /// OpenSearch 2.19.1.
    OpenSearch219,
}

/// The flavor of an engine that serves. An upgrade of its domain changes it; requests on their way keep the one they
/// were routed for.
#[derive(Debug)]
pub(crate) struct ServedFlavor(AtomicBool);

impl ServedFlavor {
    /// It says that it is `flavor`.
    pub(crate) fn new(flavor: Flavor) -> ServedFlavor {
        ServedFlavor(AtomicBool::new(flavor == Flavor::OpenSearch219))
    }

    /// What it says now.
    pub(crate) fn get(&self) -> Flavor {
        let opensearch = self.0.load(Ordering::Relaxed);
        if opensearch { Flavor::OpenSearch219 } else { Flavor::Elasticsearch710 }
    }

    /// From now on it says that it is `flavor`.
    pub(crate) fn set(&self, flavor: Flavor) {
        self.0.store(flavor == Flavor::OpenSearch219, Ordering::Relaxed);
    }
}

impl Flavor {
    /// The package of its classes, which some of its sentences name.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Flavor::Elasticsearch710 => "org.elasticsearch",
            Flavor::OpenSearch219 => "org.opensearch",
        }
    }
}

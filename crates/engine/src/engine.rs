//! The facade: one engine per domain.

use crate::cluster::metadata::Metadata;
use crate::exception::Exception;
use crate::response::{Cancel, Response};
use crate::rest::{Flavor, Parsed};
use crate::view::View;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// What an engine is opened with.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Where it keeps its indices; `None` keeps them in memory.
    pub directory: Option<PathBuf>,
    /// Which service it says it is.
    pub flavor: Flavor,
    /// `cluster_name` of `GET /`: the hosted service says `ACCOUNT:DOMAIN`.
    pub cluster_name: String,
    /// `host:port` that `_nodes/http` publishes for clients that sniff.
    pub publish_address: String,
}

/// Why an engine could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The directory cannot be made, read or locked: the path and the system's words.
    Directory(PathBuf, std::io::Error),
    /// What lies in the directory cannot be trusted: the file and what is wrong with it.
    Damaged(PathBuf, String),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Directory(path, error) => write!(f, "{}: {error}", path.display()),
            OpenError::Damaged(path, what) => write!(f, "{}: {what}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

/// One domain's indices and the work on them. Cheap to share behind an `Arc`; every call takes `&self`.
pub struct Engine {
    settings: EngineSettings,
    metadata: Arc<Metadata>,
}

impl Engine {
    /// Opens the engine of one domain, recovering what its directory holds.
    pub fn open(settings: EngineSettings, _now: Timestamp) -> Result<Engine, OpenError> {
        Ok(Engine { settings, metadata: Arc::new(Metadata::default()) })
    }

    /// The immutable snapshot of indices, mappings, settings and aliases: take one per request, authorize on it, and
    /// hand the same one to [`Engine::execute`].
    pub fn metadata(&self) -> Arc<Metadata> {
        Arc::clone(&self.metadata)
    }

    /// Which service this engine says it is.
    pub fn flavor(&self) -> Flavor {
        self.settings.flavor
    }

    /// Runs one request on `metadata`, touching only what `view` lets it touch. Failures are answers too.
    pub fn execute(
        &self,
        parsed: &Parsed,
        _metadata: &Arc<Metadata>,
        _view: &View,
        _now: Timestamp,
        _cancel: &Cancel,
    ) -> Response {
        let refusal = Exception::not_implemented(parsed.route.api.name());
        Response::exception(&refusal).of(self.settings.flavor)
    }
}

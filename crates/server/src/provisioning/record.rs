//! What is known of a domain's nodes over restarts: a file in the domain's folder.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::processes::{self, ProcessId};
use crate::service::private_file;

const FILE: &str = "cluster.json";

/// The nodes of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterRecord {
    /// Whether it was ever a cluster: a second one is never begun in its place.
    pub(super) formed: bool,
    /// Whether a node may be without its vote.
    pub(super) votes_taken: bool,
    /// How many nodes were ever made: no name is used twice.
    pub(super) made: u32,
    pub(super) nodes: Vec<NodeRecord>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeRecord {
    pub(super) name: String,
    /// Where it serves, on loopback.
    pub(super) port: u16,
    /// Where other nodes reach it, on loopback.
    pub(super) transport_port: u16,
    /// What it was started with last.
    pub(super) configuration: String,
    /// See [`super::plan::SeenNode::joined`].
    pub(super) joined: bool,
    /// What its process has in its environment. Written before that is started.
    pub(super) token: String,
    pub(super) process: Option<ProcessId>,
}

impl NodeRecord {
    /// Its process, if that is there, found also where it was not written down.
    pub(super) fn running(&self) -> Option<ProcessId> {
        if self.token.is_empty() {
            return None;
        }
        match self.process {
            Some(process) => processes::runs(process, &self.token).then_some(process),
            None => processes::find(&self.token),
        }
    }
}

impl ClusterRecord {
    /// What the folder of a domain's nodes says; an empty record where there is none.
    ///
    /// # Errors
    /// In words: the file cannot be read.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(FILE);
        let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// In words: the file cannot be written.
    pub(super) fn write(&self, folder: &Path) -> Result<(), String> {
        let path = folder.join(FILE);
        let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        private_file::folder(folder).map_err(|error| failed(&error))?;
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(&error))?;
        private_file::write(&path, &text).map_err(|error| failed(&error))
    }

    /// The node of this name.
    pub(super) fn node(&mut self, name: &str) -> Option<&mut NodeRecord> {
        self.nodes.iter_mut().find(|node| node.name == name)
    }
}

/// The folder of one node.
pub(super) fn folder_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_a_broken_one_is_not_taken_for_none() {
        let folder = private_file::scratch("nodes");
        assert_eq!(ClusterRecord::read(&folder), Ok(ClusterRecord::default()));
        let node = NodeRecord {
            name: "node-1".to_owned(),
            port: 1,
            transport_port: 2,
            configuration: "c".to_owned(),
            joined: true,
            token: "t".to_owned(),
            process: None,
        };
        let record = ClusterRecord { formed: true, votes_taken: false, made: 1, nodes: vec![node] };
        record.write(&folder).unwrap();
        assert_eq!(ClusterRecord::read(&folder), Ok(record));
        std::fs::write(folder.join(FILE), "{\"formed\": tr").unwrap();
        assert!(ClusterRecord::read(&folder).unwrap_err().contains("cluster.json: "));
        std::fs::remove_dir_all(folder).unwrap();
    }
}

//! The clusters of domains that this service makes (decision 0166): nodes on this host, or manifests for somebody else.
//!
//! `plan` is the pure part: what is wanted and what is seen go in, the next step comes out. `supervise` looks and takes the steps; what is
//! known of nodes over restarts is in `record`, how one is started in `launch`, which process is whose in `processes`.

mod handle;
mod launch;
pub(crate) mod manifests;
mod nodes;
mod observe;
mod plan;
mod processes;
mod record;
mod sizes;
mod stages;
mod supervise;

pub(crate) use handle::Provisioned;
pub(crate) use supervise::{adopt, check, end_all, has_nodes, remove};

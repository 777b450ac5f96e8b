//! The operator's certificate, followed while the service runs: whoever renews it writes its files, and tells nobody.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::service::folder;
use crate::service::state::ServiceState;
use crate::transport::tls;

/// When a file was written last, and how long it is.
type FileStamp = Option<(SystemTime, u64)>;

/// Looks again and again whether the files of the certificate were written, and shows what they hold, until the service
/// ends. `bundle` is the file of what clients must trust. A certificate that cannot be used changes nothing.
pub(crate) async fn follow(state: ServiceState, bundle: PathBuf) {
    let mut seen = stamps(&state);
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(state.times.certificate_look) => {}
        }
        let now = stamps(&state);
        if now != seen {
            // Told once for each time they were written: the two are not written at the same moment.
            if let Err(error) = show(&state, &bundle) {
                tracing::error!(%error, "the certificate is not taken; the old one stays");
            }
            seen = now;
        }
    }
}

fn show(state: &ServiceState, bundle: &Path) -> Result<(), String> {
    let settings = state.settings();
    let Some((chain, key)) = settings.tls.files() else { return Ok(()) };
    let (certificate, pem) = tls::from_files(chain, key).map_err(|error| error.to_string())?;
    // Before anybody sees it, clients can know whom to trust.
    folder::write_bundle(bundle, &pem).map_err(|error| error.to_string())?;
    state.tls.show(certificate);
    Ok(())
}

fn stamps(state: &ServiceState) -> Vec<FileStamp> {
    let settings = state.settings();
    let files = settings.tls.files().map_or_else(Vec::new, |(chain, key)| vec![chain, key]);
    let stamp = |path: &Path| {
        let known = path.metadata().ok()?;
        Some((known.modified().ok()?, known.len()))
    };
    files.into_iter().map(stamp).collect()
}

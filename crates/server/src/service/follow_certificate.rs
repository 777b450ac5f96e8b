//! The operator's certificates, followed while the service runs: whoever renews one writes its files, and tells nobody.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::service::folder;
use crate::service::own_certificate;
use crate::service::state::ServiceState;
use crate::transport::{certificates, tls};

/// When a file was written last, and how long it is.
type FileStamp = Option<(SystemTime, u64)>;

/// Looks again and again whether the files of a certificate were written, and shows what they hold, until the service
/// ends. `bundle` is the file of what clients must trust. A certificate that cannot be used changes nothing.
pub(crate) async fn follow(state: ServiceState, bundle: PathBuf) {
    let mut seen = stamps(&state);
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(state.times.certificate_look) => {}
        }
        let (looking, bundle) = (state.clone(), bundle.clone());
        // The files may lie on a disk that answers late.
        let looked = tokio::task::spawn_blocking(move || look(&looking, &bundle, seen)).await;
        // A panic below: what is there now is taken for new once more.
        seen = looked.unwrap_or_default();
    }
}

/// Shows what the files hold if they were written since they were `seen`; how they are now.
fn look(state: &ServiceState, bundle: &Path, seen: Vec<FileStamp>) -> Vec<FileStamp> {
    let now = stamps(state);
    // Told once for each time they were written: the two are not written at the same moment.
    if now != seen {
        let unused = show(state, bundle).err();
        if let Some(error) = &unused {
            tracing::error!(%error, "the new certificate is not used; the old one stays in use");
        }
        state.tls.set_unused(unused.map(|why| format!("the new certificate is not used: {why}")));
    }
    now
}

/// Each by itself: one that cannot be used does not keep the others back.
fn show(state: &ServiceState, bundle: &Path) -> Result<(), String> {
    let endpoints = certificates::read(&state.settings().acm.certificates);
    let endpoints = endpoints.map(|fresh| state.endpoint_certificates.show(fresh));
    show_own(state, bundle)?;
    endpoints.map_err(|error| error.to_string())
}

fn show_own(state: &ServiceState, bundle: &Path) -> Result<(), String> {
    let _turn = own_certificate::turn(state);
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
    let own = settings.tls.files().into_iter().flat_map(|(chain, key)| [chain, key]);
    let others = settings.acm.certificates.values();
    let others = others.flat_map(|files| [files.chain.as_path(), files.key.as_path()]);
    let files: Vec<&Path> = own.chain(others).collect();
    let stamp = |path: &Path| {
        let known = path.metadata().ok()?;
        Some((known.modified().ok()?, known.len()))
    };
    files.into_iter().map(stamp).collect()
}

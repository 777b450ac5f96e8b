//! Which gateway this is among those that share a state: a random name in the data folder. The domains whose indices are in
//! that folder belong to it, wherever the folder goes.

use data_encoding::HEXLOWER;

use crate::service::folder::{Folder, FolderError};
use crate::service::private_file;

/// The file in the data folder.
const FILE: &str = "gateway";

/// The name of the gateway whose data folder this is, `gw-` and 16 hexadecimal digits; made at its first start.
pub(crate) fn of_folder(folder: &Folder) -> Result<String, FolderError> {
    let path = folder.path(FILE);
    let failed = |error| FolderError::File(path.clone(), error);
    match std::fs::read_to_string(&path) {
        Ok(text) if is_one(text.trim()) => Ok(text.trim().to_owned()),
        Ok(_) => {
            let what = "not gw- and 16 hexadecimal digits";
            Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidData, what)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(|error| FolderError::Random(error.to_string()))?;
            let name = format!("gw-{}", HEXLOWER.encode(&random));
            private_file::write(&path, &name).map_err(failed)?;
            Ok(name)
        }
        Err(error) => Err(failed(error)),
    }
}

fn is_one(text: &str) -> bool {
    let digits = text.strip_prefix("gw-").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_gateways_name() {
        let path = private_file::scratch("gateway-id");
        let folder = Folder::open(Some(&path)).unwrap();
        let name = of_folder(&folder).unwrap();
        assert!(is_one(&name), "{name}");
        assert_eq!(of_folder(&folder).unwrap(), name);
        std::fs::write(path.join(FILE), "gw-west").unwrap();
        assert!(
            of_folder(&folder)
                .unwrap_err()
                .to_string()
                .ends_with("not gw- and 16 hexadecimal digits")
        );
        std::fs::remove_dir_all(path).unwrap();
    }
}

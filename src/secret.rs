//! The secret that encrypts keys at rest: read from its file, made there at the first start.

use std::path::Path;

use anyhow::{Context, bail};
use foundation::Entropy;
use foundation::secret_file;
use foundation::token::Token;
use secrecy::SecretString;

/// Reads the secret of `path`; makes it (readable by its owner alone) when the file is missing.
pub(crate) fn load_or_make(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<SecretString> {
    // One that is there may be where nothing can be written.
    if !path.exists() {
        let secret = Token::generate("secret", entropy);
        secret_file::make_once(path, secret.expose().as_bytes())
            .with_context(|| format!("the secret file {} cannot be made", path.display()))?;
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the secret file {} cannot be read", path.display()))?;
    if text.trim().len() < 32 {
        bail!("the secret in {} is shorter than 32 bytes", path.display());
    }
    Ok(SecretString::from(text.trim().to_owned()))
}

/// A secret that somebody keeps in a file or a variable of the environment, when one is named.
pub(crate) fn read(
    file: Option<&Path>,
    variable: Option<&str>,
) -> anyhow::Result<Option<SecretString>> {
    let text = match (file, variable) {
        (Some(file), _) => std::fs::read_to_string(file)
            .with_context(|| format!("the file {} cannot be read", file.display()))?,
        (None, Some(name)) => variable_named(name)
            .with_context(|| format!("the environment has no variable {name}"))?,
        (None, None) => return Ok(None),
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("the secret is empty");
    }
    Ok(Some(SecretString::from(text.to_owned())))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the settings name the variable, so that the secret stands in none of them"
)]
fn variable_named(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use foundation::entropy::SystemEntropy;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("secret");
        let first = load_or_make(&path, &SystemEntropy::default()).unwrap();
        let second = load_or_make(&path, &SystemEntropy::default()).unwrap();
        assert_eq!(first.expose_secret(), second.expose_secret());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_short_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "short").unwrap();
        assert!(load_or_make(&path, &SystemEntropy::default()).is_err());
    }
}

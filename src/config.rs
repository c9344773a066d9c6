//! Settings: a TOML file, then the environment (`MARKEDSPLASS_SECTION__NAME`), then flags; the
//! later wins. Every setting has a default and is checked before anything starts.
//!
//! The rooms own their sections; this file owns what joins them: addresses, storage and logging.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use figment::value::Value;
use serde::Deserialize;
use url::Url;

/// Everything that can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the product is reached and listens.
    pub server: Server,
    /// Where things are kept.
    pub storage: Storage,
    /// What is logged.
    pub log: Log,
    /// The registry of apps and approvals.
    pub registry: registry::RegistryConfig,
    /// The make-believe EPJ.
    pub sandbox: sandbox::SandboxConfig,
    /// Suites and the browser that drives apps.
    pub conformance: conformance::ConformanceConfig,
    /// Pages.
    pub portal: portal::PortalConfig,
}

/// Public addresses and the sockets behind them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where people and EPJs reach portal and registry; also the registry's entity identifier.
    pub portal_url: Url,
    /// Where the sandbox is reached.
    pub sandbox_url: Url,
    /// Where uploaded apps are reached; `{label}` stands for the app version's own host label.
    pub apps_url: String,
    /// Socket of portal and registry.
    pub portal_listen: String,
    /// Socket of the sandbox.
    pub sandbox_listen: String,
    /// Socket of uploaded apps.
    pub apps_listen: String,
    /// Seconds until a request is given up.
    pub request_timeout_seconds: u64,
}

impl Default for Server {
    #[expect(clippy::expect_used, reason = "two constants that parse")]
    fn default() -> Self {
        Self {
            portal_url: Url::parse("http://localhost:8080").expect("a URL"),
            sandbox_url: Url::parse("http://localhost:8081").expect("a URL"),
            apps_url: "http://{label}.apps.localhost:8082".to_owned(),
            portal_listen: "127.0.0.1:8080".to_owned(),
            sandbox_listen: "127.0.0.1:8081".to_owned(),
            apps_listen: "127.0.0.1:8082".to_owned(),
            request_timeout_seconds: 120,
        }
    }
}

/// Where things are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// Folder for the embedded database, blobs and keys.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; empty means a SQLite file in the data folder.
    pub database: String,
    /// File with the secret (32 bytes or more) that encrypts keys at rest; empty means
    /// `secret` in the data folder, made at the first start.
    pub secret_file: Option<PathBuf>,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            database: String::new(),
            secret_file: None,
        }
    }
}

impl Storage {
    /// The database URL in force.
    pub fn database_url(&self) -> String {
        if self.database.is_empty() {
            format!("sqlite:{}", self.data.join("markedsplass.db").display())
        } else {
            self.database.clone()
        }
    }

    /// The folder of the log's published files, which any static server may serve.
    pub fn log_path(&self) -> PathBuf {
        self.data.join("log")
    }

    /// The folder of the demo's witnesses.
    pub(crate) fn witnesses_path(&self) -> PathBuf {
        self.data.join("witnesses")
    }

    /// The file of the secret in force.
    pub fn secret_path(&self) -> PathBuf {
        self.secret_file
            .clone()
            .unwrap_or_else(|| self.data.join("secret"))
    }
}

/// What is logged.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Filter in the syntax of `tracing`: `info`, or `info,sqlx=warn`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "warn,markedsplass=info".to_owned(),
        }
    }
}

impl Config {
    /// Reads `file` (or `markedsplass.toml` here, when there is one), the environment, and `flags`
    /// in the form `section.name=value`.
    ///
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub fn load(file: Option<&Path>, flags: &[String]) -> anyhow::Result<Self> {
        let figment = Figment::new();
        let figment = match file {
            Some(file) if !file.is_file() => {
                bail!("the configuration file {} does not exist", file.display())
            }
            Some(file) => figment.merge(Toml::file_exact(file)),
            None => figment.merge(Toml::file("markedsplass.toml")),
        };
        let environment = Env::prefixed("MARKEDSPLASS_").ignore(&OF_COMMANDS);
        let mut figment = figment.merge(environment.split("__"));
        for flag in flags {
            let (name, value) = flag
                .split_once('=')
                .with_context(|| format!("--set {flag}: write SECTION.NAME=VALUE"))?;
            // Read as a value of the environment is: a number, a list, or text.
            let value: Value = value.parse().unwrap_or_else(|never| match never {});
            figment = figment.merge((name, value));
        }
        let mut config: Self = figment
            .extract()
            .map_err(|error| anyhow::anyhow!("configuration: {}", one_line(&error)))?;
        config.spread_addresses()?;
        config.validate()?;
        Ok(config)
    }

    /// Gives the rooms the addresses of `[server]`: an address is set in one place.
    fn spread_addresses(&mut self) -> anyhow::Result<()> {
        let plain = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        let portal = plain(&self.server.portal_url);
        let sandbox = plain(&self.server.sandbox_url);
        let apps = self.server.apps_url.clone();
        let defaults = Self::default();

        let registry = &mut self.registry;
        let usual = defaults.registry;
        put(
            &mut registry.public_url,
            &usual.public_url,
            &portal,
            "registry.public_url",
        )?;
        put(
            &mut registry.apps_url,
            &usual.apps_url,
            &apps,
            "registry.apps_url",
        )?;
        if registry.epj_origins == usual.epj_origins {
            registry.epj_origins = vec![sandbox.clone()];
        }
        if registry.criteria == usual.criteria {
            registry.criteria = format!("{portal}/krav/v0");
        }
        if registry.mark_owner == usual.mark_owner {
            registry.mark_owner = format!("{portal}/merkeeier");
        }

        let usual = defaults.sandbox;
        put(
            &mut self.sandbox.public_url,
            &usual.public_url,
            &sandbox,
            "sandbox.public_url",
        )?;
        if self.sandbox.frame_sources == usual.frame_sources {
            self.sandbox.frame_sources = vec![apps.replace("{label}", "*")];
        }
        for client in &mut self.sandbox.helseid.clients {
            let usual = sandbox::HelseIdClient::default();
            if client.redirect_uris == usual.redirect_uris {
                client.redirect_uris = vec![format!("{portal}/logg-inn/retur")];
            }
            if client.post_logout_redirect_uris == usual.post_logout_redirect_uris {
                client.post_logout_redirect_uris = vec![format!("{portal}/")];
            }
        }

        // Apps on this machine itself can only be checked at local addresses.
        if self.server.portal_url.host_str() == Some("localhost") {
            self.conformance.allow_local_addresses = true;
        }

        let usual = defaults.portal;
        put(
            &mut self.portal.public_url,
            &usual.public_url,
            &portal,
            "portal.public_url",
        )?;
        put(
            &mut self.portal.sandbox_url,
            &usual.sandbox_url,
            &sandbox,
            "portal.sandbox_url",
        )?;
        if self.portal.issuer == usual.issuer {
            self.portal.issuer = format!("{sandbox}/helseid");
        }
        Ok(())
    }

    fn validate(&self) -> anyhow::Result<()> {
        self.server.validate().context("configuration: server")?;
        self.registry
            .validate()
            .map_err(|error| anyhow::anyhow!("configuration: {error}"))?;
        self.sandbox.validate().context("configuration")?;
        self.conformance.validate().context("configuration")?;
        self.portal.validate().context("configuration")?;
        Ok(())
    }
}

impl Server {
    fn validate(&self) -> anyhow::Result<()> {
        for (name, url) in [
            ("portal_url", &self.portal_url),
            ("sandbox_url", &self.sandbox_url),
        ] {
            if !matches!(url.scheme(), "http" | "https") || url.path() != "/" {
                bail!("{name} must be an http(s) address without a path, not {url}");
            }
        }
        if !self.apps_url.contains("://{label}.") {
            bail!(
                "apps_url must give each app its own host, like https://{{label}}.apps.example.no, \
                 not {}",
                self.apps_url
            );
        }
        for (name, socket) in [
            ("portal_listen", &self.portal_listen),
            ("sandbox_listen", &self.sandbox_listen),
            ("apps_listen", &self.apps_listen),
        ] {
            if socket.parse::<std::net::SocketAddr>().is_err() {
                bail!("{name} must be ADDRESS:PORT, like 127.0.0.1:8080, not {socket}");
            }
        }
        if self.request_timeout_seconds == 0 {
            bail!("request_timeout_seconds must be at least 1");
        }
        Ok(())
    }
}

/// Sets `place` to `value` unless it was set by hand to something else, which is a contradiction.
fn put(place: &mut String, usual: &str, value: &str, setting: &str) -> anyhow::Result<()> {
    if place != usual && place != value {
        bail!("configuration: {setting} contradicts [server]; set the address there alone");
    }
    value.clone_into(place);
    Ok(())
}

fn one_line(error: &figment::Error) -> String {
    let path = error.path.join(".");
    let place = error
        .metadata
        .as_ref()
        .map(|metadata| format!(" (from {})", metadata.name))
        .unwrap_or_default();
    if path.is_empty() {
        format!("{}{place}", error.kind)
    } else {
        format!("{path}: {}{place}", error.kind)
    }
}

/// Variables that single commands read, and that are no settings.
const OF_COMMANDS: [&str; 2] = ["key_passphrase", "witness_secret"];

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        load_with(text, &[])
    }

    fn load_with(text: &str, flags: &[&str]) -> Result<Config, String> {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(Some(&file), &flags).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn an_empty_file_is_the_default() {
        let config = load("").unwrap();
        assert_eq!(config.server.portal_url.as_str(), "http://localhost:8080/");
        assert_eq!(config.storage.database_url(), "sqlite:data/markedsplass.db");
    }

    #[test]
    fn a_wrong_setting_is_named_in_one_line() {
        for (text, expected) in [
            (
                "[server]\nportal_listen = \"8080\"",
                "portal_listen must be ADDRESS:PORT",
            ),
            (
                "[server]\nportal_url = \"ftp://x/\"",
                "portal_url must be an http(s) address",
            ),
            (
                "[server]\napps_url = \"http://apps.localhost\"",
                "apps_url must give each app",
            ),
            ("[server]\nrequest_timeout_seconds = 0", "at least 1"),
            ("[server]\nno_such = 1", "no_such"),
            ("[nonsense]\n", "nonsense"),
        ] {
            let error = load(text).unwrap_err();
            assert!(error.contains(expected), "{text} gave {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_flag_goes_before_the_file() {
        let file = "[server]\nportal_listen = \"127.0.0.1:1\"";
        let flags = [
            "server.portal_listen=127.0.0.1:2",
            "server.request_timeout_seconds=7",
        ];
        let config = load_with(file, &flags).unwrap();
        assert_eq!(config.server.portal_listen, "127.0.0.1:2");
        assert_eq!(config.server.request_timeout_seconds, 7);
        for (flag, expected) in [
            ("server.portal_listen", "write SECTION.NAME=VALUE"),
            ("server.no_such=1", "no_such"),
            (
                "server.request_timeout_seconds=soon",
                "request_timeout_seconds",
            ),
        ] {
            let error = load_with(file, &[flag]).unwrap_err();
            assert!(error.contains(expected), "{flag} gave {error}");
        }
    }

    #[test]
    fn a_missing_file_is_said() {
        let error = Config::load(Some(Path::new("/no/such/file.toml")), &[]).unwrap_err();
        assert!(error.to_string().contains("does not exist"));
    }
}

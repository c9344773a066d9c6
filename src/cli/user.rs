//! `user`: organisations, people and API tokens, for operators at the machine itself.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::{Subcommand, ValueEnum};
use foundation::access::Role;
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use registry::{Organisation, Person, Registry, ReviewRole};

use crate::compose::Product;
use crate::config::Config;

/// Organisations, people and API tokens.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// List organisations and their people.
    List,
    /// Record an organisation, or change its name and roles.
    Organisation {
        /// Organisation number.
        #[arg(long)]
        orgnr: String,
        /// Name.
        #[arg(long)]
        name: String,
        /// What it does: vendor, reviewer, municipality, epj, operator; repeat for several.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
    /// Record a person of an organisation, or change name and roles.
    Person {
        /// Subject of the person at the login service.
        #[arg(long)]
        subject: String,
        /// Name.
        #[arg(long)]
        name: String,
        /// Organisation number.
        #[arg(long)]
        orgnr: String,
        /// Roles, each one of the organisation's.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// What a reviewer examines; repeat for several.
        #[arg(long = "reviews", value_enum)]
        reviews: Vec<Reviews>,
    },
    /// Make an API token for a person and print it, once.
    Token {
        /// Subject of the person, or the short name of a demo person.
        #[arg(long)]
        person: String,
        /// Days until it expires.
        #[arg(long, default_value_t = 30)]
        days: u32,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        label: String,
    },
}

/// What a reviewer examines.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Reviews {
    /// Information security.
    Security,
    /// Clinical safety.
    Clinical,
    /// Privacy.
    Privacy,
}

impl From<Reviews> for ReviewRole {
    fn from(reviews: Reviews) -> Self {
        match reviews {
            Reviews::Security => Self::Security,
            Reviews::Clinical => Self::Clinical,
            Reviews::Privacy => Self::Privacy,
        }
    }
}

impl User {
    pub(super) fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let product = Product::compose(
                config,
                Arc::new(SystemClock),
                Arc::new(SystemEntropy::default()),
            )
            .await?;
            self.carry_out(&product.registry).await?;
            product.close().await;
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn carry_out(self, registry: &Registry) -> anyhow::Result<()> {
        match self {
            Self::List => list(registry).await,
            Self::Organisation { orgnr, name, roles } => {
                let organisation = Organisation {
                    orgnr: orgnr.parse().context("--orgnr")?,
                    name,
                    roles: roles.into_iter().collect(),
                };
                Ok(registry.save_organisation(&organisation).await?)
            }
            Self::Person {
                subject,
                name,
                orgnr,
                roles,
                reviews,
            } => {
                let person = Person {
                    subject,
                    name,
                    orgnr: orgnr.parse().context("--orgnr")?,
                    roles: roles.into_iter().collect(),
                    review_roles: reviews
                        .into_iter()
                        .map(ReviewRole::from)
                        .collect::<BTreeSet<_>>(),
                };
                Ok(registry.save_person(&person).await?)
            }
            Self::Token {
                person,
                days,
                label,
            } => token(registry, &person, days, &label).await,
        }
    }
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
async fn list(registry: &Registry) -> anyhow::Result<()> {
    for organisation in registry.organisations().await? {
        let roles: Vec<_> = organisation
            .roles
            .iter()
            .map(|role| role.as_str())
            .collect();
        let orgnr = organisation.orgnr.as_str();
        println!("{orgnr}  {}  ({})", organisation.name, roles.join(", "));
        for person in registry.persons(Some(orgnr)).await? {
            println!("           {}  {}", person.name, person.subject);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
async fn token(registry: &Registry, who: &str, days: u32, label: &str) -> anyhow::Result<()> {
    let subject = sandbox::personas::by_key(who).map_or(who, |persona| persona.sub);
    let person = registry
        .persons(None)
        .await?
        .into_iter()
        .find(|person| person.subject == subject)
        .ok_or_else(|| anyhow!("nobody has the subject {who}; `user list` shows who there is"))?;
    let actor = registry
        .sign_in(&person.subject, &person.name, person.orgnr.as_str())
        .await?;
    let token = registry.create_token(&actor, label, days).await?;
    println!("{}", token.secret.expose());
    Ok(())
}

//! Renders every sample of every page in every language and checks the result.

use foundation::access::{Actor, Role};
use foundation::language::Language;
use foundation::testing;
use foundation::token::Token;
use tera::Context;

use super::markup::check;
use super::*;
use crate::config::{Notice, PortalConfig};
use crate::http::Frame;
use crate::render::{Renderer, urls};
use crate::service::session::Session;

fn frame(language: Language, role: Option<Role>) -> Frame {
    let session = role.map(|role| Session {
        token: Token::presented("mps_test"),
        actor: Actor {
            person: "p".to_owned(),
            name: "Kari <Testesen>".to_owned(),
            organisation: "310000000".to_owned(),
            organisation_name: "Fjord & Sønn AS".to_owned(),
            roles: [role, Role::Reviewer].into(),
        },
    });
    let path = urls::localized(language, "/produkter");
    Frame::new(&path, Some("q=a&b=%22"), session, &*testing::entropy())
}

fn every_sample<P: Page>() {
    let renderer = Renderer::new(None).unwrap();
    assert!(renderer.knows(P::TEMPLATE), "{}", P::TEMPLATE);
    let config = PortalConfig {
        notice: Some(Notice {
            nb: "Testmiljø".to_owned(),
            nn: "Testmiljø".to_owned(),
            en: "Test environment".to_owned(),
        }),
        ..PortalConfig::default()
    };
    let folder = std::env::var_os("PORTAL_SAMPLES").map(std::path::PathBuf::from);
    for (number, sample) in P::samples().into_iter().enumerate() {
        for language in Language::ALL {
            for role in [None, Some(Role::Vendor)] {
                let frame = frame(language, role);
                let config = if role.is_none() {
                    config.clone()
                } else {
                    PortalConfig::default()
                };
                let mut context = Context::from_serialize(&sample).unwrap();
                context.insert("language", language.tag());
                context.insert("frame", &frame.view(&config, &*testing::entropy()));
                let html = match renderer.render(P::TEMPLATE, &context) {
                    Ok(html) => html,
                    Err(error) => panic!("{} sample {number}: {error:?}", P::TEMPLATE),
                };
                let place = format!("{} sample {number} {language:?} {role:?}", P::TEMPLATE);
                check(&place, &html, language.tag());
                if let Some(folder) = &folder {
                    let name = P::TEMPLATE.replace('/', "-").replace(".html", "");
                    let who = role.map_or("anyone", Role::as_str);
                    let file = format!("{name}-{number}-{}-{who}.html", language.tag());
                    std::fs::write(folder.join(file), &html).unwrap();
                }
            }
        }
    }
}

macro_rules! pages {
    ($($name:ident: $page:ty;)*) => {
        $(#[test] fn $name() { every_sample::<$page>(); })*

        #[test]
        fn every_template_has_a_page() {
            let mut known = vec![$(<$page>::TEMPLATE),*];
            known.sort_unstable();
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/pages");
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| format!("pages/{}", entry.unwrap().file_name().to_string_lossy()))
                .collect();
            files.sort();
            assert_eq!(files, known);
        }
    };
}

pages! {
    the_case_page: review::CasePage;
    the_catalogue: catalogue::CataloguePage;
    the_check_page: check::CheckPage;
    the_error_page: error::ErrorPage;
    the_front_page: front::FrontPage;
    the_home_page: home::HomePage;
    the_integration_page: integration::IntegrationPage;
    the_new_app_form: vendor::NewAppPage;
    the_new_version_form: vendor::NewVersionPage;
    the_problem_page: problem::ProblemPage;
    the_problem_list: problem::ProblemsPage;
    the_product_page: product::ProductPage;
    the_requirements_of_a_product: product::ProductRequirementsPage;
    the_requirement_page: requirement::RequirementPage;
    the_requirement_list: requirement::RequirementsPage;
    the_review_queue: review::QueuePage;
    the_tokens_page: home::TokensPage;
    the_vendor_page: vendor::VendorPage;
    the_vendors_app: vendor::VendorAppPage;
    the_version_page: version::VersionPage;
}

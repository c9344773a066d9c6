//! Everything that people do by hand, in a browser, in one town: a vendor, two reviewers, a
//! colleague of the vendor and a clinician. The journeys follow each other, so one product and two
//! checks serve them all.

use crate::support::browser::Browser;
use crate::support::looks::Looks;
use crate::support::product::Product;
use crate::support::walk::App;

use super::{accessible, console, desk, launch};

/// Where a journey happens.
pub(super) struct Town {
    pub(super) product: Product,
    pub(super) browser: Browser,
    pub(super) looks: Looks,
    pub(super) good: App,
    pub(super) faulty: App,
}

impl Town {
    /// Opens a page of the portal.
    pub(super) async fn portal(&self, path: &str) {
        let url = format!("{}{path}", self.product.portal);
        self.browser.open(&url).await;
    }

    /// Opens a page of the sandbox.
    pub(super) async fn sandbox(&self, path: &str) {
        let url = format!("{}{path}", self.product.sandbox);
        self.browser.open(&url).await;
    }

    /// Logs in from the front page.
    pub(super) async fn log_in(&self, name: &str) {
        self.portal("/").await;
        self.browser.log_in(name).await;
    }
}

#[tokio::test]
async fn people_take_an_app_from_registration_to_launch_and_back() {
    let mut town = Town {
        product: Product::start().await,
        browser: Browser::start().await,
        looks: Looks::default(),
        good: App::built("blood-pressure"),
        faulty: App::built("blood-pressure-faulty"),
    };
    console::a_vendor_reads_what_is_wrong_with_the_faulty_twin(&mut town).await;
    console::a_vendor_submits_what_passed(&mut town).await;
    launch::what_was_never_approved_does_not_open(&mut town).await;
    desk::a_reviewer_returns_and_the_vendor_reads_why(&mut town).await;
    desk::a_colleague_of_the_vendor_may_not_sign(&mut town).await;
    desk::two_reviewers_sign_and_the_catalogue_shows_it(&mut town).await;
    let patient = launch::the_app_draws_the_chosen_patient_in_a_tab(&mut town).await;
    launch::the_app_draws_another_patient_in_a_frame(&mut town, &patient).await;
    accessible::every_page_can_be_used_by_everybody(&mut town).await;
    launch::what_is_suspended_does_not_open_and_the_page_says_why(&mut town).await;
    town.looks.are_good();
    town.browser.close().await;
}

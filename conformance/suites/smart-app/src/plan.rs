//! What the runner is asked to do: one step after the other, each a launch in which the sandbox behaves
//! in its own way. A step is asked for once; what it needs to know it reads from the steps before.

use std::collections::BTreeSet;

use crate::rule::text;
use crate::run::{Run, resource_type};
use crate::types::{
    Action, Behaviour, Evidence, FhirFault, LaunchSpec, PersonName, StateBehaviour, Step, Surface,
    Viewport,
};
use crate::web::Scope;

/// An ordinary launch.
pub(crate) const START: &str = "oppstart";
/// The same page in a narrow window.
pub(crate) const NARROW: &str = "smal-skjerm";
/// A launch with another patient, in the same browser.
pub(crate) const SWITCH: &str = "pasientbytte";
/// The authorization is denied.
pub(crate) const DENIED: &str = "avslag";
/// `state` comes back altered.
pub(crate) const ALTERED: &str = "endret-state";
/// `state` does not come back.
pub(crate) const OMITTED: &str = "uten-state";
/// Somebody sends the user to the redirect address with a code of their own.
pub(crate) const FOREIGN: &str = "fremmed-retur";
/// The access token stops working.
pub(crate) const EXPIRED: &str = "utlopt-token";
/// Less is granted than asked for.
pub(crate) const REDUCED: &str = "faerre-rettigheter";
/// The FHIR server answers 503.
pub(crate) const FAULT: &str = "fhir-feil";
/// The FHIR server answers 429.
pub(crate) const THROTTLED: &str = "for-mange";
/// The patient has an unusual name.
pub(crate) const NAME: &str = "navn";

/// Host that an open redirector would lead to; `.invalid` never exists (RFC 6761 §6.4).
pub(crate) const LURE: &str = "videresending.invalid";
/// Family name with letters that are lost where encodings are mixed up.
pub(crate) const FAMILY: &str = "Østerås-Čáhppesjávri";
/// Given name that runs as script where names are put into a page as markup.
pub(crate) const GIVEN: &str = "Ánte <img src=x onerror=alert('markedsplass')>";

const ORDINARY: Behaviour = Behaviour {
    deny: false,
    state: StateBehaviour::Untouched,
    token_lifetime: None,
    expire_after: None,
    grant: None,
    fhir_fault: None,
    patient_name: None,
};
const WIDE: Viewport = Viewport {
    width: 1280,
    height: 900,
};
/// WCAG 2.1, success criterion 1.4.10.
const SLIM: Viewport = Viewport {
    width: 320,
    height: 640,
};
/// The longest that a page may take to come to rest. Costs nothing with pages that do; long enough for a
/// loaded machine.
const REST_MS: u32 = 12_000;

struct Planned {
    id: &'static str,
    title: [&'static str; 2],
    /// The actions, or none when the step has no point with this app.
    actions: fn(&Run<'_>) -> Option<Vec<Action>>,
}

const STEPS: [Planned; 12] = [
    Planned {
        id: START,
        title: [
            "Appen startes for en pasient",
            "The app is launched for a patient",
        ],
        actions: |_| {
            let mut actions = vec![Action::Open(WIDE)];
            actions.extend(launch(0, ORDINARY));
            actions.extend([Action::Picture(START.to_owned()), Action::RunAxe]);
            Some(actions)
        },
    },
    Planned {
        id: NARROW,
        title: ["Vinduet gjøres smalt", "The window is made narrow"],
        actions: |_| {
            Some(vec![
                Action::Resize(SLIM),
                Action::AwaitSettled(1_000),
                Action::Snapshot,
                Action::Picture(NARROW.to_owned()),
                Action::Resize(WIDE),
            ])
        },
    },
    Planned {
        id: SWITCH,
        title: [
            "Appen startes for en annen pasient",
            "The app is launched for another patient",
        ],
        actions: |_| {
            let mut actions = launch(1, ORDINARY);
            actions.push(Action::Picture(SWITCH.to_owned()));
            Some(actions)
        },
    },
    Planned {
        id: DENIED,
        title: ["Tilgang avslås", "Access is denied"],
        actions: |_| {
            let behaviour = Behaviour {
                deny: true,
                ..ORDINARY
            };
            let mut actions = fresh(behaviour);
            actions.extend([Action::Picture(DENIED.to_owned()), Action::RunAxe]);
            Some(actions)
        },
    },
    Planned {
        id: ALTERED,
        title: ["State kommer endret tilbake", "State comes back altered"],
        actions: |_| {
            let state = StateBehaviour::Altered;
            Some(fresh(Behaviour { state, ..ORDINARY }))
        },
    },
    Planned {
        id: OMITTED,
        title: ["State kommer ikke tilbake", "State does not come back"],
        actions: |_| {
            let state = StateBehaviour::Omitted;
            Some(fresh(Behaviour { state, ..ORDINARY }))
        },
    },
    Planned {
        id: FOREIGN,
        title: ["En fremmed sender en kode", "A stranger sends a code"],
        actions: |run| Some(foreign(run.header().redirect_uris.first()?)),
    },
    Planned {
        id: EXPIRED,
        title: ["Tilgangen går ut", "The access expires"],
        actions: |run| {
            let several = run.step(START).fhir().count() > 1;
            let expire_after = Some(u32::from(several));
            Some(fresh(Behaviour {
                expire_after,
                ..ORDINARY
            }))
        },
    },
    Planned {
        id: REDUCED,
        title: ["Appen får færre rettigheter", "The app is granted less"],
        actions: |run| {
            let grant = Some(reduced(run)?);
            Some(fresh(Behaviour { grant, ..ORDINARY }))
        },
    },
    Planned {
        id: FAULT,
        title: ["FHIR-serveren er nede", "The FHIR server is down"],
        actions: |run| Some(fresh(faulty(run, 503))),
    },
    Planned {
        id: THROTTLED,
        title: [
            "FHIR-serveren ber appen vente",
            "The FHIR server asks the app to wait",
        ],
        actions: |run| Some(fresh(faulty(run, 429))),
    },
    Planned {
        id: NAME,
        title: [
            "Pasienten har et uvanlig navn",
            "The patient has an unusual name",
        ],
        actions: |_| {
            let patient_name = Some(PersonName {
                family: FAMILY.to_owned(),
                given: vec![GIVEN.to_owned()],
            });
            let mut actions = fresh(Behaviour {
                patient_name,
                ..ORDINARY
            });
            actions.extend([Action::Picture(NAME.to_owned()), Action::Close]);
            Some(actions)
        },
    },
];

/// The next step; nothing when all have been, or when the app does not even ask for authorization.
pub fn next(evidence: &Evidence) -> Vec<Action> {
    let run = Run::new(evidence);
    if run.step(START).took_place() && !run.step(START).has_authorization() {
        return Vec::new();
    }
    // The latest step that took place decides, so a step without a point is passed over once.
    let done = STEPS
        .iter()
        .rposition(|step| run.step(step.id).took_place())
        .map_or(0, |at| at + 1);
    STEPS
        .iter()
        .skip(done)
        .find_map(|step| Some((step, (step.actions)(&run)?)))
        .map(|(step, actions)| {
            let begin = Action::Begin(Step {
                id: step.id.to_owned(),
                title: text(step.title[0], step.title[1]),
            });
            std::iter::once(begin).chain(actions).collect()
        })
        .unwrap_or_default()
}

/// A launch in a browser that knows nothing of the app.
fn fresh(behaviour: Behaviour) -> Vec<Action> {
    std::iter::once(Action::Open(WIDE))
        .chain(launch(0, behaviour))
        .collect()
}

fn launch(patient: u32, behaviour: Behaviour) -> Vec<Action> {
    vec![
        Action::Launch(LaunchSpec {
            patient,
            practitioner: 0,
            encounter: true,
            behaviour,
        }),
        Action::AwaitSettled(REST_MS),
        Action::Snapshot,
    ]
}

/// Login cross-site request forgery (RFC 9700 §4.7), with every usual name for an open redirector.
fn foreign(redirect: &str) -> Vec<Action> {
    let joint = if redirect.contains('?') { '&' } else { '?' };
    let lures = ["next", "redirect", "returnUrl", "url", "target"]
        .map(|name| format!("&{name}=https%3A%2F%2F{LURE}%2F"))
        .concat();
    vec![
        Action::Open(WIDE),
        Action::Visit(format!("{redirect}{joint}code=fremmed-kode{lures}")),
        Action::AwaitSettled(REST_MS),
        Action::Snapshot,
    ]
}

/// The fault strikes what the app read in the ordinary launch, but not the patient: an app that cannot
/// show who it is about has nothing to be empty.
fn faulty(run: &Run<'_>, status: u16) -> Behaviour {
    let types: BTreeSet<&str> = run
        .step(START)
        .fhir()
        .filter_map(|(_, exchange)| resource_type(exchange))
        .filter(|name| !["Patient", "Practitioner"].contains(name))
        .collect();
    Behaviour {
        fhir_fault: Some(FhirFault {
            status,
            types: types.into_iter().map(str::to_owned).collect(),
        }),
        ..ORDINARY
    }
}

/// What is granted when all clinical scopes but those for the patient are taken away; none when that
/// takes nothing away.
fn reduced(run: &Run<'_>) -> Option<String> {
    let asked = run
        .step(START)
        .on(Surface::Authorization)
        .find_map(|(_, exchange)| crate::web::parameter(exchange, "scope"))
        .unwrap_or(&run.header().scope);
    let (kept, taken): (Vec<&str>, Vec<&str>) = asked.split_whitespace().partition(|scope| {
        Scope::parse(scope)
            .is_none_or(|clinical| ["Patient", "Practitioner"].contains(&clinical.resource))
    });
    if taken.is_empty() {
        return None;
    }
    let mut kept: Vec<String> = kept.into_iter().map(str::to_owned).collect();
    for wildcard in taken
        .iter()
        .filter_map(|scope| Scope::parse(scope))
        .filter(|scope| scope.resource == "*")
    {
        kept.push(format!(
            "{}/Patient.{}",
            wildcard.level, wildcard.permissions
        ));
    }
    Some(kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn the_plan_goes_through_every_step_once_and_ends() {
        let mut evidence = testing::good();
        let whole = std::mem::take(&mut evidence.events);
        let mut begun = Vec::new();
        loop {
            let actions = next(&evidence);
            let Some(Action::Begin(step)) = actions.first() else {
                assert!(actions.is_empty());
                break;
            };
            begun.push(step.id.clone());
            evidence
                .events
                .extend(whole.iter().filter(|event| event.step == step.id).cloned());
        }
        let planned: Vec<&str> = STEPS.iter().map(|step| step.id).collect();
        assert_eq!(begun, planned);
    }

    #[test]
    fn an_app_that_never_asks_for_authorization_ends_the_run() {
        let mut evidence = testing::good();
        testing::remove(&mut evidence, START, |what| {
            testing::is_surface(what, Surface::Authorization)
        });
        evidence.events.retain(|event| event.step == START);
        assert_eq!(next(&evidence), Vec::new());
    }

    #[test]
    fn the_reduced_grant_keeps_the_patient_and_the_launch() {
        let evidence = testing::good();
        let run = Run::new(&evidence);
        assert_eq!(
            reduced(&run).unwrap(),
            "launch openid fhirUser patient/Patient.r"
        );
    }

    #[test]
    fn the_fault_strikes_what_the_app_reads() {
        let evidence = testing::good();
        let fault = faulty(&Run::new(&evidence), 503).fhir_fault.unwrap();
        assert_eq!(fault.types, ["Observation"]);
    }
}

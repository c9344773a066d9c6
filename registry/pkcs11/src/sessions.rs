//! Sessions with the token: opened when all are taken, kept for the next, dropped after an error. A
//! token that was unplugged and came back is logged in to anew. A PIN that was refused is not tried
//! again: tokens lock themselves after a few wrong ones.

use std::sync::{Mutex, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::Slot;
use secrecy::SecretString;

use super::TokenError;

pub(crate) struct Sessions {
    module: Pkcs11,
    slot: Slot,
    pin: SecretString,
    idle: Mutex<Vec<Session>>,
    /// Why the token did not take the PIN.
    refused: Mutex<Option<String>>,
}

impl Sessions {
    pub(crate) const fn new(module: Pkcs11, slot: Slot, pin: SecretString) -> Self {
        Self {
            module,
            slot,
            pin,
            idle: Mutex::new(Vec::new()),
            refused: Mutex::new(None),
        }
    }

    /// Does this in a session that is logged in; once more in a new one, when the first had ended.
    pub(crate) fn with<T>(
        &self,
        work: impl Fn(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let kept = self.idle().pop();
        if let Some(session) = kept.filter(is_logged_in) {
            match work(&session) {
                Err(TokenError::Failed(Error::Pkcs11(reason, _))) if has_ended(reason) => {
                    // The others ended with it.
                    self.idle().clear();
                }
                outcome => return self.keep(session, outcome),
            }
        }
        let session = self.open()?;
        let outcome = work(&session);
        self.keep(session, outcome)
    }

    fn keep<T>(&self, session: Session, outcome: Result<T, TokenError>) -> Result<T, TokenError> {
        if outcome.is_ok() {
            self.idle().push(session);
        }
        outcome
    }

    fn open(&self) -> Result<Session, TokenError> {
        // Held while the PIN is tried, so that two at once do not both try a wrong one.
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = &*refused {
            return Err(TokenError::Pin(reason.clone()));
        }
        let token = self.module.get_token_info(self.slot)?;
        if token.user_pin_final_try() {
            let reason = "one more wrong PIN would lock it; log in once by hand";
            return Err(TokenError::Pin(reason.to_owned()));
        }
        let session = self.module.open_rw_session(self.slot)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(reason, _)) if is_about_pin(reason) => {
                let reason = reason.to_string();
                *refused = Some(reason.clone());
                Err(TokenError::Pin(reason))
            }
            Err(other) => Err(other.into()),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logged out elsewhere in this process, a session finds no private key and does not say why.
fn is_logged_in(session: &Session) -> bool {
    let info = session.get_session_info();
    info.is_ok_and(|info| matches!(info.session_state(), SessionState::RwUser))
}

const fn has_ended(reason: RvError) -> bool {
    matches!(
        reason,
        RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::UserNotLoggedIn
            | RvError::DeviceRemoved
            | RvError::TokenNotPresent
    )
}

const fn is_about_pin(reason: RvError) -> bool {
    matches!(
        reason,
        RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::PinLocked
            | RvError::UserPinNotInitialized
    )
}

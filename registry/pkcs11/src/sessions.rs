//! Sessions with the token: opened when all are taken, kept for the next, dropped after an error. A
//! token that was unplugged and came back is logged in to anew.

use std::sync::{Mutex, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use secrecy::SecretString;

use super::TokenError;

pub(crate) struct Sessions {
    module: Pkcs11,
    slot: Slot,
    pin: SecretString,
    idle: Mutex<Vec<Session>>,
}

impl Sessions {
    pub(crate) const fn new(module: Pkcs11, slot: Slot, pin: SecretString) -> Self {
        Self {
            module,
            slot,
            pin,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Does this in a session that is logged in; once more in a new one, when the first had ended.
    pub(crate) fn with<T>(
        &self,
        work: impl Fn(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let kept = self.idle().pop();
        if let Some(session) = kept {
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
        let session = self.module.open_rw_session(self.slot)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(reason, _)) if is_about_pin(reason) => {
                Err(TokenError::Pin(reason.to_string()))
            }
            Err(other) => Err(other.into()),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

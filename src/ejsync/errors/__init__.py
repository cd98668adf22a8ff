"""The whole error tree; each class says what happens next.

EjsyncError
├── ConfigError                 halt          exit 4   the settings are wrong; lists every fault
├── SourceError
│   ├── SourceUnavailable       retry         exit 5   no usable answer came
│   │   ├── SourceThrottled     retry         exit 5   the source asked us to wait
│   │   ├── SourceElsewhere     retry         exit 5   something answered that is not the API
│   │   └── SourceOversized     halt          exit 4   an answer over the body cap
│   ├── SourceAuthFailed        halt          exit 4   this account may not sign in
│   ├── SourceUntrusted         halt          exit 4   its host is not proved to be the source's
│   ├── SourceRefusesCertificate halt         exit 4   its host does not take our client certificate
│   ├── SourceForbidden         halt          exit 4   this account may not read that
│   ├── SourceSuspiciouslyEmpty halt          exit 5   a window answered with nothing where something was
│   ├── SourceStrangers         halt          exit 5   only pupils came who were not asked for
│   └── SourceUnreadable        halt          exit 5   an answer nobody foresaw upset its reader
├── ContractViolation           quarantine    exit 3   data break a contract; pointers only, never values
├── SinkError
│   ├── SinkUnavailable         retry         exit 5   not taken, or the answer was lost
│   │   ├── SinkThrottled       retry         exit 5   the sink asked us to wait
│   │   ├── SinkUnclear         retry         exit 5   its answer is neither a receipt nor a refusal
│   │   └── SinkUnread          retry         exit 5   it did not say what it holds
│   ├── SinkAuthFailed          halt          exit 4   the sink refuses our credentials
│   ├── SinkUntrusted           halt          exit 4   its host is not proved to be the sink's
│   ├── SinkRefusesCertificate  halt          exit 4   its host does not take our client certificate
│   └── SinkRejected            dead-letter   exit 3   the sink refused the whole batch for good
├── StoreError                  halt          exit 4   the database cannot be used
│   ├── KeysUnfit               halt          exit 4   the keys are not those the payloads were sealed with
│   └── LeaseLost               halt          exit 10  another instance took over
├── InstanceRunning             halt          exit 10  another instance holds the store
├── IllegalTransition           halt          exit 2   a batch may not go from this state to that one
├── HeldForApproval             halt          exit 7   a mass change waits for an operator
├── AuditBroken                 halt          exit 8   the audit chain does not verify
├── BadInput                    halt          exit 2   an operator's file or argument cannot be used
├── NotFound                    halt          exit 2   the operator named a thing that is not there
└── PaperFailed                 halt          exit 1   a page cannot be set
"""

from ejsync.errors.certificates import (
    SinkRefusesCertificate,
    SinkUntrusted,
    SourceRefusesCertificate,
    SourceUntrusted,
)
from ejsync.errors.disposition import Disposition, EjsyncError, Exit
from ejsync.errors.operating import (
    AuditBroken,
    BadInput,
    ConfigError,
    ConfigFault,
    HeldForApproval,
    IllegalTransition,
    InstanceRunning,
    KeysUnfit,
    LeaseLost,
    NotFound,
    PaperFailed,
    StoreError,
)
from ejsync.errors.reading import (
    ContractViolation,
    SourceAuthFailed,
    SourceElsewhere,
    SourceError,
    SourceForbidden,
    SourceOversized,
    SourceStrangers,
    SourceSuspiciouslyEmpty,
    SourceThrottled,
    SourceUnavailable,
    SourceUnreadable,
)
from ejsync.errors.writing import (
    SinkAuthFailed,
    SinkError,
    SinkRejected,
    SinkThrottled,
    SinkUnavailable,
    SinkUnclear,
    SinkUnread,
)

__all__ = [
    "AuditBroken",
    "BadInput",
    "ConfigError",
    "ConfigFault",
    "ContractViolation",
    "Disposition",
    "EjsyncError",
    "Exit",
    "HeldForApproval",
    "IllegalTransition",
    "InstanceRunning",
    "KeysUnfit",
    "LeaseLost",
    "NotFound",
    "PaperFailed",
    "SinkAuthFailed",
    "SinkError",
    "SinkRefusesCertificate",
    "SinkRejected",
    "SinkThrottled",
    "SinkUnavailable",
    "SinkUnclear",
    "SinkUnread",
    "SinkUntrusted",
    "SourceAuthFailed",
    "SourceElsewhere",
    "SourceError",
    "SourceForbidden",
    "SourceOversized",
    "SourceRefusesCertificate",
    "SourceStrangers",
    "SourceSuspiciouslyEmpty",
    "SourceThrottled",
    "SourceUnavailable",
    "SourceUnreadable",
    "SourceUntrusted",
    "StoreError",
]

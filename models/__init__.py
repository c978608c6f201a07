"""REMEMBER. Columns, constraints, relations. Import the tables from here."""

from models.activities import Activity, ActivityDetail, ActivityMember, ActivitySeal
from models.attempts import Chargeback, Collection, GatewayEvent, PaymentAttempt, Refund
from models.bank import BankBatch, BankLine, BankMatch, BankPart, BankStatement, CsvLayout, Debit, PaymentFile
from models.claims import Claim
from models.clock import ClockMove
from models.company import (
    Company,
    Letterhead,
    NumberRange,
    Sequence,
    Setting,
    TaxMode,
    VatRate,
)
from models.coupons import Coupon, CouponProduct, CouponRedemption, CouponUse
from models.credit import CreditGrant, CreditUse
from models.customer_exports import CustomerExport
from models.customers import Customer, SearchWord
from models.deletions import Deletion
from models.documents import Document
from models.dunning import (
    BaseRate,
    DunningChunk,
    DunningLevel,
    DunningStop,
    Instalment,
    InstalmentPlan,
    Reminder,
)
from models.exports import Export
from models.figures import MonthlyFigure
from models.files import File, Paper
from models.hosted import CustomerCode
from models.invoices import Invoice, InvoiceLine, InvoiceTaxLine
from models.ledger import JournalEntry, Posting
from models.logins import CustomerLogin, CustomerSession, LoginToken
from models.message_templates import MessageTemplate
from models.messages import Message
from models.notes import Note, NoteVersion
from models.payment_methods import Mandate, PaymentMethod
from models.payments import Payment
from models.products import Product, ProductAddon, ProductPrice
from models.purges import Purge
from models.receivables import Receivable
from models.runs import ParkedCustomer, Run, RunChunk, TimetableSlot
from models.shipments import Shipment
from models.staff import ApiKey, RecoveryCode, Role, RolePermission, Staff, StaffSession, StaffToken
from models.subscriptions import Subscription, SubscriptionItem, SubscriptionPause
from models.tags import CustomerTag, Tag
from models.taxes import LocationEvidence, VatCheck
from models.texts import TextSet, TextTemplate
from models.usage import UsageRecord

__all__ = [
    "Activity",
    "ActivityDetail",
    "ActivityMember",
    "ActivitySeal",
    "ApiKey",
    "BankBatch",
    "BankLine",
    "BankMatch",
    "BankPart",
    "BankStatement",
    "BaseRate",
    "Chargeback",
    "Claim",
    "ClockMove",
    "Collection",
    "Company",
    "Coupon",
    "CouponProduct",
    "CouponRedemption",
    "CouponUse",
    "CreditGrant",
    "CreditUse",
    "CsvLayout",
    "Customer",
    "CustomerCode",
    "CustomerExport",
    "CustomerLogin",
    "CustomerSession",
    "CustomerTag",
    "Debit",
    "Deletion",
    "Document",
    "DunningChunk",
    "DunningLevel",
    "DunningStop",
    "Export",
    "File",
    "GatewayEvent",
    "Instalment",
    "InstalmentPlan",
    "Invoice",
    "InvoiceLine",
    "InvoiceTaxLine",
    "JournalEntry",
    "Letterhead",
    "LocationEvidence",
    "LoginToken",
    "Mandate",
    "Message",
    "MessageTemplate",
    "MonthlyFigure",
    "Note",
    "NoteVersion",
    "NumberRange",
    "Paper",
    "ParkedCustomer",
    "Payment",
    "PaymentAttempt",
    "PaymentFile",
    "PaymentMethod",
    "Posting",
    "Product",
    "ProductAddon",
    "ProductPrice",
    "Purge",
    "Receivable",
    "RecoveryCode",
    "Refund",
    "Reminder",
    "Role",
    "RolePermission",
    "Run",
    "RunChunk",
    "SearchWord",
    "Sequence",
    "Setting",
    "Shipment",
    "Staff",
    "StaffSession",
    "StaffToken",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionPause",
    "Tag",
    "TaxMode",
    "TextSet",
    "TextTemplate",
    "TimetableSlot",
    "UsageRecord",
    "VatCheck",
    "VatRate",
]

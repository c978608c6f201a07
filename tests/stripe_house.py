"""What Stripe keeps and does, in memory: customers, sessions, intents, refunds, disputes, and events that tell of them.

Source of the shapes and states: github.com/stripe/openapi and docs.stripe.com (payments/paymentintents/lifecycle,
testing, disputes). A card is named by how it behaves.
"""

from __future__ import annotations

import copy
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests import stripe_fields as fields
from tests.stripe_fields import Fault, check_amount, checked

Told = dict[str, Any]

# card -> the error of a charge: (code, decline code, advice)
DECLINES = {
    "declines_hard": ("card_declined", "stolen_card", "do_not_try_again"),
    "declines_soft": ("card_declined", "insufficient_funds", "try_again_later"),
    "do_not_honor": ("card_declined", "do_not_honor", ""),
    "expired": ("expired_card", "expired_card", "do_not_try_again"),
    "needs_action": ("authentication_required", "authentication_required", ""),
}


@dataclass
class StripeHouse:
    """One account. `events` are all that it told, in order."""

    objects: dict[str, Told] = field(default_factory=dict)
    events: list[Told] = field(default_factory=list)
    cards: dict[str, str] = field(default_factory=dict)  # payment method -> how it behaves

    # --- customers and their payment data ---

    def create_customer(self, params: Told) -> Told:
        return self._keep("cus", {"object": "customer", **checked(params, fields.CUSTOMER)})

    def create_session(self, params: Told) -> Told:
        given = checked(params, fields.SESSION)
        if "success_url" not in given or given.get("mode") != "setup":
            raise Fault(400, "parameter_missing", param="success_url")
        if "allowed_payment_method_types" not in given and "currency" not in given:
            raise Fault(400, "parameter_missing", param="currency")
        self._get(given.get("customer", ""), "customer")
        intent = self._keep("seti", {"object": "setup_intent", "status": "requires_payment_method", "mandate": None,
                                     "payment_method": None, "customer": given["customer"]})  # fmt: skip
        session = self._keep("cs_test", {"object": "checkout.session", **given, "status": "open",
                                         "setup_intent": intent["id"]})  # fmt: skip
        session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
        return session

    def enter(self, session_id: str, card: str) -> None:
        """The customer filled in the page."""
        session = self._get(session_id, "checkout.session")
        kind = session["allowed_payment_method_types"][0]
        shown: Told = {"card": {"brand": "visa", "last4": "4242", "exp_month": 2, "exp_year": 2028},
                       "sepa_debit": {"last4": "3000", "country": "DE", "bank_code": "37040044"},
                       "paypal": {"payer_email": "ada@example.com"}}[kind]  # fmt: skip
        owner = {"customer": session["customer"], "billing_details": {"name": "Ada Beispiel"}}
        method = self._keep("pm", {"object": "payment_method", "type": kind, kind: shown, **owner})
        self.cards[method["id"]] = card
        intent = self.objects[session["setup_intent"]]
        intent |= {"status": "succeeded", "payment_method": method["id"]}
        if kind == "sepa_debit":
            details = {"type": kind, kind: {"reference": "NXDSYREGC9PSMKWY"}}
            mandate = {"object": "mandate", "status": "active", "payment_method_details": details}
            intent["mandate"] = self._keep("mandate", mandate)["id"]
        session["status"] = "complete"
        self.tell("checkout.session.completed", session)

    def detach(self, method_id: str, params: Told) -> Told:
        checked(params, fields.READ)
        method = self._get(method_id, "payment_method")
        if method["customer"] is None:
            raise Fault(400)
        method["customer"] = None
        self.tell("payment_method.detached", method)
        return method

    # --- one charge ---

    def create_intent(self, params: Told) -> Told:
        given = checked(params, fields.INTENT)
        check_amount(given["amount"], given["currency"])
        if "off_session" in given and not given.get("confirm"):
            raise Fault(400, "parameter_invalid", param="off_session")
        if "statement_descriptor" in given and "card" in given.get("allowed_payment_method_types", []):
            raise Fault(400, "parameter_invalid", param="statement_descriptor")
        method = self._get(given.get("payment_method", ""), "payment_method")
        self._check_owner(method, given.get("customer"))
        if method["type"] not in given.get("allowed_payment_method_types", [method["type"]]):
            raise Fault(400, "payment_method_not_available", param="payment_method")
        intent = self._keep("pi", {"object": "payment_intent", "metadata": {}, **given, "amount_received": 0,
                                   "latest_charge": None, "last_payment_error": None, "next_action": None,
                                   "status": "requires_confirmation"})  # fmt: skip
        self.tell("payment_intent.created", intent)
        return intent

    def confirm(self, intent_id: str, params: Told) -> Told:
        checked(params, fields.CONFIRM)
        intent = self._get(intent_id, "payment_intent")
        if intent["status"] != "requires_confirmation":
            raise Fault(400, "payment_intent_unexpected_state", payment_intent=intent)
        method = self.objects[intent["payment_method"]]
        self._check_owner(method, intent["customer"])
        card = self.cards[method["id"]]
        if card in DECLINES:
            self._decline(intent, *DECLINES[card])
        self._charge(intent, "pending" if method["type"] == "sepa_debit" else "succeeded")
        return intent

    def _decline(self, intent: Told, code: str, decline_code: str, advice: str) -> None:
        error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "Declined."}
        if advice:
            error["advice_code"] = advice
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self.tell("payment_intent.payment_failed", intent)
        raise Fault(402, code, "card_error", decline_code=decline_code, payment_intent=copy.deepcopy(intent))

    def _charge(self, intent: Told, status: str) -> None:
        charge = self._keep("ch", {"object": "charge", "amount": intent["amount"], "currency": intent["currency"],
                                   "amount_refunded": 0, "disputed": False, "status": status,
                                   "payment_intent": intent["id"], "metadata": intent["metadata"]})  # fmt: skip
        intent["latest_charge"] = charge["id"]
        if status == "pending":
            intent["status"] = "processing"
            self.tell("payment_intent.processing", intent)
        else:
            self._succeed(intent)

    def _succeed(self, intent: Told) -> None:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        self.objects[intent["latest_charge"]]["status"] = "succeeded"
        self.tell("charge.succeeded", self.objects[intent["latest_charge"]])
        self.tell("payment_intent.succeeded", intent)

    def settle(self, intent_id: str, ok: bool) -> None:
        """The bank answered for a debit."""
        intent = self._get(intent_id, "payment_intent")
        assert intent["status"] == "processing"
        if ok:
            self._succeed(intent)
            return
        self.objects[intent["latest_charge"]] |= {"status": "failed", "failure_code": "insufficient_funds"}
        error = {"type": "card_error", "code": "insufficient_funds", "message": "Returned."}
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self.tell("payment_intent.payment_failed", intent)

    def cancel(self, intent_id: str, params: Told) -> Told:
        checked(params, fields.CANCEL)
        intent = self._get(intent_id, "payment_intent")
        if intent["status"] not in ("requires_confirmation", "requires_payment_method", "requires_action"):
            raise Fault(400, "payment_intent_unexpected_state", payment_intent=intent)
        intent["status"] = "canceled"
        self.tell("payment_intent.canceled", intent)
        return intent

    # --- money back ---

    def refund(self, params: Told) -> Told:
        given = checked(params, fields.REFUND)
        if "payment_intent" not in given:
            raise Fault(400, "parameter_missing", param="payment_intent")
        intent = self._get(given["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise Fault(400, "payment_intent_unexpected_state")
        charge = self.objects[intent["latest_charge"]]
        left = charge["amount"] - charge["amount_refunded"]
        amount = given.get("amount", left)
        check_amount(max(amount, 50), intent["currency"])
        if charge["disputed"]:
            raise Fault(400, "charge_disputed")
        if left == 0:
            raise Fault(400, "charge_already_refunded")
        if not 0 < amount <= left:
            raise Fault(400, "", param="amount")
        return self._give_back(intent, charge, amount, given.get("metadata", {}))

    def _give_back(self, intent: Told, charge: Told, amount: int, metadata: Told) -> Told:
        charge["amount_refunded"] += amount
        refund = self._keep("re", {"object": "refund", "amount": amount, "currency": intent["currency"],
                                   "charge": charge["id"], "payment_intent": intent["id"], "metadata": metadata,
                                   "status": "succeeded", "failure_reason": None})  # fmt: skip
        self.tell("refund.created", refund)
        self.tell("charge.refunded", charge)
        return refund

    def fail_refund(self, refund_id: str) -> None:
        """The customer's bank sent the money back again."""
        refund = self._get(refund_id, "refund")
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        self.objects[refund["charge"]]["amount_refunded"] -= refund["amount"]
        self.tell("refund.failed", refund)

    def dispute(self, intent_id: str, amount: int, status: str = "needs_response") -> Told:
        """The customer's bank takes money back; an inquiry (warning_...) only asks."""
        intent = self._get(intent_id, "payment_intent")
        self.objects[intent["latest_charge"]]["disputed"] = True
        dispute = self._keep("du", {"object": "dispute", "amount": amount, "currency": intent["currency"],
                                    "payment_intent": intent_id, "charge": intent["latest_charge"], "status": status,
                                    "reason": "fraudulent", "metadata": {}, "balance_transactions": []})  # fmt: skip
        if not status.startswith("warning"):
            dispute["balance_transactions"].append(
                {"amount": -amount, "fee": 2_000, "currency": intent["currency"], "type": "adjustment"}
            )
        self.tell("charge.dispute.created", dispute)
        if not status.startswith("warning"):
            self.tell("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def close_dispute(self, intent_id: str, status: str) -> None:
        dispute = next(one for one in self.of("dispute") if one["payment_intent"] == intent_id)
        dispute["status"] = status
        if status == "won":
            self.tell("charge.dispute.funds_reinstated", dispute)
        self.tell("charge.dispute.closed", dispute)

    # --- reading ---

    def read(self, id_: str, kind: str, params: Told) -> Told:
        return self.expanded(self._get(id_, kind), checked(params, fields.READ).get("expand", []))

    def page(self, kind: str, params: Told, allowed: fields.Fields) -> Told:
        """A page of a list, the newest first."""
        given = checked(params, allowed)
        found = [one for one in reversed(self.of(kind)) if _fits(one, given)]
        ids = [one["id"] for one in found]
        start = ids.index(given["starting_after"]) + 1 if "starting_after" in given else 0
        limit = given.get("limit", 10)
        if not 1 <= limit <= 100:
            raise Fault(400, "parameter_invalid_integer", param="limit")
        return {"object": "list", "url": f"/v1/{kind}s", "data": found[start : start + limit],
                "has_more": len(found) > start + limit}  # fmt: skip

    def expanded(self, told: Told, paths: list[str]) -> Told:
        shown = copy.deepcopy(told)
        for path in paths:
            at, *rest = path.split(".")
            if at not in shown or len(rest) > 3:
                raise Fault(400, "", param="expand")
            if isinstance(shown[at], str):
                shown[at] = copy.deepcopy(self.objects[shown[at]])
            if rest and shown[at] is not None:
                shown[at] = self.expanded(shown[at], [".".join(rest)])
        return shown

    def of(self, kind: str) -> list[Told]:
        return [one for one in self.objects.values() if one["object"] == kind]

    def tell(self, type_: str, about: Told) -> None:
        self.events.append({
            "id": _new("evt"), "object": "event", "api_version": fields.VERSION, "created": int(time.time()),
            "livemode": False, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": type_,
            "data": {"object": copy.deepcopy(about)},
        })  # fmt: skip

    def _keep(self, prefix: str, told: Told) -> Told:
        told = {"id": _new(prefix), **told, "created": int(time.time()), "livemode": False}
        self.objects[told["id"]] = told
        return told

    def _get(self, id_: str, kind: str) -> Told:
        found = self.objects.get(id_)
        if found is None or found["object"] != kind:
            raise Fault(404, "resource_missing", param="id")
        return found

    @staticmethod
    def _check_owner(method: Told, customer: str | None) -> None:
        """A method belongs to one customer; once detached it can never be used again."""
        if method["customer"] is None or method["customer"] != customer:
            raise Fault(400, "", param="payment_method")


def _fits(one: Told, given: Told) -> bool:
    return all(one.get(name) == given[name] for name in ("customer", "payment_intent", "charge") if name in given)


def _new(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"

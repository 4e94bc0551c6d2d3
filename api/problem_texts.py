"""What each refusal means and what to do about it: one sentence a code.

``/problems/{code}`` shows them, and the OpenAPI document uses them in its examples.
"""

from wallet_chain import errors as e
from wallet_chain.errors import WalletError

WHAT_TO_DO: dict[type[WalletError], str] = {
    WalletError: "Something failed inside the product; ask the operator, naming the request id.",
    e.AccountClosed: "The account was closed for good; the customer needs another bank account.",
    e.AccountExists: "The account or customer is registered already; look at it instead.",
    e.AccountFrozen: "The account is frozen; its holder may ask the bank why. Try again once it is"
    " unfrozen.",
    e.AccountInvalid: "This account can't take part, for example because it belongs to a contract"
    " of the system; name another.",
    e.AccountNotFrozen: "The account is not frozen, so there is nothing to unfreeze.",
    e.AccountReplaced: "The account was moved to a new key; use the account that replaced it.",
    e.AccountUnknown: "The account is not registered here; its holder has to pass KYC first.",
    e.AliasTaken: "The alias belongs to another customer; choose another.",
    e.AmountNotANumber: "Write the amount as a plain decimal string such as 12.34, with a point and"
    " no spaces, signs or exponents.",
    e.AmountNotPositive: "The amount must be above zero.",
    e.AmountOutOfRange: "Send an amount between the smallest and the largest of this corridor, which"
    " the facts name.",
    e.AmountTooLarge: "The amount is larger than any that this system can hold.",
    e.AmountTooSmall: "Send at least the smallest amount, which the facts name.",
    e.ApiKeyInForce: "Its holder makes further keys and replaces old ones; to help who lost one, revoke"
    " what is in force first.",
    e.ApiKeyExpired: "The API key has expired or was revoked; ask for a new one.",
    e.ApprovalsDisabled: "This money has no allowances; pay with a signed order instead.",
    e.AttestationInvalid: "Attest a moment that is later than the last attestation and not in the"
    " future.",
    e.BodyTooLarge: "Send a smaller body.",
    e.BothAmountsFixed: "Fix the amount that is sent or the one that is received; the other"
    " follows.",
    e.ChainMismatch: "The node serves another chain than this system was set up on; the operator"
    " has to name the right node.",
    e.ChainRefused: "The chain refused for a reason that this product does not know; the operator"
    " has to look at it.",
    e.ChainStateLost: "The node has lost blocks that were final; the operator has to restore it."
    " Nothing is sent until then.",
    e.ChainUnavailable: "The chain can't be reached; send the same request with the same"
    " Idempotency-Key again shortly.",
    e.ChallengeInvalid: "The challenge is unknown, used or expired; ask for a new one.",
    e.ConfigurationRefused: "The contracts refuse this setting; correct the values.",
    e.ContractMismatch: "A contract's code is not the one that was deployed; the operator has to"
    " find out why before anything is sent.",
    e.CosignatureInvalid: "Cosign the checkpoint as it was given, with the key that the bank's settings"
    " name.",
    e.CorridorClosed: "The policy closes movements between these two countries.",
    e.CourtOrderAlreadyExecuted: "This court order was executed already; check its reference.",
    e.CursorInvalid: "Use next_cursor of the page before as it is, with the same filters.",
    e.CustomerForgotten: "The customer's personal data has been erased and can't be brought back.",
    e.CustomerKeysMissing: "The operator has to restore the customers' keys from their own backup.",
    e.CustomerNotForgettable: "The customer still holds money or has open orders; settle them and"
    " close the account first.",
    e.DailyMintCapExceeded: "The day's cap for minting is used up; wait until it frees, or have an"
    " administrator raise it.",
    e.DepositAlreadyUsed: "This bank reference was used for another deposit; check the statement.",
    e.DocumentUnavailable: "Look at the transfer's state: a return is documented once there is one, and"
    " nothing is before the transfer is signed.",
    e.EarningTooHigh: "Let fewer points be earned: together they must not be worth more than what"
    " is paid.",
    e.EarningsTooLow: "The merchant's terms have changed since the quote; ask for a new one.",
    e.Forbidden: "The caller's role may not do this; ask somebody whose role may.",
    e.FourEyes: "Somebody else has to do this step than who did the one before.",
    e.HistoryFull: "Pay from, or to, another account; this one can take no more entries.",
    e.GiftAlreadyClaimed: "Each account gets one part of a gift, and this one has had it.",
    e.GiftEmpty: "Nothing is left of this gift.",
    e.GiftExpired: "The time to claim this gift is over; what is left goes back to its giver.",
    e.GiftInvalid: "A gift needs at least one minor unit for each share, and a window of 366 days"
    " at most.",
    e.GiftNotReady: "Try again once the gift's money is put aside; the facts say what it is.",
    e.GiftShareTooLarge: "Claim at most what the facts name, so that something is left for the"
    " other shares.",
    e.GiftStillOpen: "The gift can still be claimed; return what is left afterwards.",
    e.IdempotencyKeyInvalid: "Use 1 to 255 printable ASCII characters for the Idempotency-Key.",
    e.IdempotencyKeyMissing: "Send an Idempotency-Key of your own making, for example a UUID, and"
    " the same one when you repeat the request.",
    e.IdempotencyKeyReused: "The key was used with another request; use a new key, or send what"
    " was sent first.",
    e.InsufficientFunds: "The account does not hold enough; pay in first, or pay less.",
    e.InvalidAddress: "Write the account as 0x and 40 hex digits, with its checksum or in one case.",
    e.InvalidRequest: "Correct the field that is named; /docs shows what this route takes.",
    e.InvoiceAlreadyPaid: "What this merchant asked for was paid before; look at the purchases.",
    e.KindNotAllowed: "This movement is not open to this account.",
    e.KycExpired: "The KYC of one side has lapsed; it has to be renewed first.",
    e.KycExpiryInvalid: "Let the KYC expire at a moment in the future.",
    e.KycIncomplete: "Submit the data and documents that this tier asks for.",
    e.KycMissing: "The customer has no approved KYC yet; submit it and have it reviewed.",
    e.LaneHalted: "The sending account is halted until the operator looks at it; what was accepted"
    " is kept.",
    e.LaneUseUnknown: "Compare the transactions in the facts with your records. If the account's key was used"
    " by nobody else, let an operator accept them; else replace the key.",
    e.LeastNotReached: "The merchant does not accept so little; leave out an offer.",
    e.LimitExceeded: "Pay less, or wait: the facts say which limit it is, what is used of it and"
    " when it frees.",
    e.LiquidityInsufficient: "No provider has enough of the currency now; send less, or try later.",
    e.LogBroken: "The log's tables were changed; the operator runs `wallet-chain verify` and restores the"
    " database from a backup.",
    e.MalformedJson: "The body is not JSON in UTF-8; correct it at the position that is named.",
    e.MandateCeilingExceeded: "Collect at most the ceiling that the payer agreed to.",
    e.MandateEnded: "The mandate was ended; ask the payer for a new one.",
    e.MandateInvalid: "A mandate must end after it starts, and in the future.",
    e.MandateNotGranted: "The payer has to grant the mandate first.",
    e.MandateNotInTime: "The mandate holds between the moments in the facts.",
    e.MandatePeriodWrong: "Collect for the current period, which the facts name; one that has"
    " passed can't be collected any more.",
    e.MasterKeyMissing: "The operator has to provide the master key.",
    e.MasterKeyWrong: "The operator has to provide the master key that this database was made with.",
    e.MerchantNotInProgramme: "The merchant does not take part in this programme, or is suspended;"
    " buy without points, or ask the merchant.",
    e.MethodNotAllowed: "Use one of the methods in the Allow header.",
    e.MintCapExceeded: "Propose less, or have an administrator raise the cap for one mint.",
    e.NotAMerchant: "The account does not take payments as a merchant, or not any more; pay it by a"
    " plain payment.",
    e.NotAcceptable: "Ask for one of the formats that this route answers in.",
    e.NotCancellable: "The payment is final; ask the payee for a refund instead.",
    e.NotDeployed: "The contracts are not deployed on this chain; the operator has to deploy them.",
    e.NotFirstPurchase: "The offer is for the first purchase at this merchant; buy without it.",
    e.NotFound: "There is no such resource for this caller; check the id.",
    e.NotProgrammePayer: "Only who pays for the points can do this: the programme's owner, or in a"
    " coalition the merchant itself.",
    e.NotReady: "The product is starting; try again shortly.",
    e.NotRefundable: "Only a settled payment can be refunded, by who received it.",
    e.NothingToRelease: "Nothing is waiting: the month is not over, or was released before.",
    e.OfferBudgetSpent: "The merchant's budget for this offer is used up; buy without it.",
    e.OfferCustomerBudgetSpent: "The customer has had as much of this offer as there is for one;"
    " buy without it.",
    e.OfferEnded: "The merchant has ended the offer; buy without it.",
    e.OfferGivesNothing: "The offer would change nothing here; leave it out.",
    e.OfferInvalid: "Correct the offer: its window must end in the future, its budgets be above"
    " zero, and a reduction must not exceed its minimum.",
    e.OfferMinimumNotReached: "What is left to pay when this offer's turn comes is less than its"
    " minimum; buy more, or leave out the offer or the one before it.",
    e.OfferMismatch: "The offer belongs to another merchant, currency or programme; leave it out.",
    e.OfferNotCombinable: "Use this offer alone.",
    e.OfferNotInTime: "The offer holds between the moments in the facts; buy then, or without it.",
    e.OfferUnknown: "Name an offer that exists, in the place of its kind.",
    e.OperationPaused: "This kind of movement is paused for now; try again later.",
    e.OrderAlreadyUsed: "The order's nonce was used; make a new order.",
    e.OrderExpired: "The order's deadline has passed; make a new order.",
    e.OrderOutOfGas: "The payer's wallet contract used more gas than an order may; sign with"
    " another wallet.",
    e.PairClosed: "Transfers from this currency into the other are closed; GET /v1/corridors lists"
    " those that are open.",
    e.Overloaded: "Ask again with the same Idempotency-Key after the time in Retry-After.",
    e.PayeeUnknown: "Nobody is known under this account, alias or id; check it with the payee.",
    e.PayoutReferenceUsed: "This payout reference was used for another withdrawal; check it.",
    e.PeriodAlreadyCharged: "This period was collected before; wait for the next one.",
    e.PermissionRefused: "The key of this member of staff does not hold the chain role for this"
    " call; an administrator may grant it.",
    e.PointsExceedPrice: "Spend fewer points: they are worth more than there is to pay.",
    e.PointsInsufficient: "Spend at most the points that are held and have not expired.",
    e.PointsNotTransferable: "Points of this programme stay with who earned them.",
    e.PointsNotWhole: "Spend a multiple of the step in the facts, which is worth a whole amount of"
    " money.",
    e.PointsTooMany: "The programme can't hold so many points; ask for fewer.",
    e.PoolInsufficient: "The pool that pays for the points has too little free money; its owner has"
    " to put money in, or less has to be asked for.",
    e.ProgrammeClosed: "No points are earned in this programme any more; those that are held can"
    " still be spent.",
    e.ProgrammeInvalid: "A programme needs an owner, a value of a point above zero and points that"
    " are good for 1 to 36 months.",
    e.ProgrammeMismatch: "Use the programme's own currency, or another programme.",
    e.ProgrammeUnknown: "Name a loyalty programme that exists.",
    e.ProofUnavailable: "Name a later block; or the operator names a node that keeps the history of"
    " states and serves eth_getProof.",
    e.ProposalLapsed: "The proposal has lapsed; propose again.",
    e.ProposalNotOpen: "The proposal is not open; look at the deposit's state.",
    e.ProviderUnavailable: "The provider can't exchange now; ask for a new quote.",
    e.PurposeInvalid: "Name the purpose by its code of ISO 20022, such as GDDS.",
    e.QuoteAlreadyUsed: "A quote is used once; ask for a new one.",
    e.QuoteExpired: "The quote has expired; ask for a new one.",
    e.QuoteInvalid: "The quote's numbers don't add up; ask for a new one.",
    e.QuoteMismatch: "The transfer does not agree with its quote; ask for one that fits it.",
    e.QuoteSignatureInvalid: "The quote is not signed by its provider as it stands; ask for a new"
    " one.",
    e.RateOutOfBand: "The rates have moved since the quote was made; ask for a new one.",
    e.RatesInvalid: "Send rates that are newer than those held, each a decimal number above zero.",
    e.RatesStale: "There are no fresh rates to quote by; try again once new ones are in.",
    e.RecoveryNotOpen: "There is no open proposal to recover this account; propose one first.",
    e.RedemptionNotOpen: "The withdrawal does not await a payout; look at its state.",
    e.RefundTooEarly: "The transfer is still in review; wait until the moment in the facts.",
    e.RefundTooLarge: "Refund at most what was paid and not refunded yet.",
    e.ReservesExceeded: "The supply would exceed the attested reserves; have them attested anew.",
    e.ReservesShort: "Nothing proves that they do; ask with `under_reserves=false` for the rest.",
    e.ReservesStale: "The last attestation of reserves is too old; have them attested anew.",
    e.ReviewNotOpen: "The review has been decided; open a new one by submitting KYC data.",
    e.ReviewTimeOver: "The time for the review is over; the transfer can only be returned.",
    e.ScopeMissing: "Use an API key that has the scope named in the facts.",
    e.ScreeningHitUndecided: "Read the screening results that the facts name; to release all the same,"
    " name them in accepted_hits, else reject the transfer.",
    e.ScreeningListInvalid: "Correct the line that is named and load the whole list again; the one in"
    " force stays in force.",
    e.ScreeningListMissing: "An administrator or compliance officer has to load a screening list"
    " (wallet-chain screening load); try again afterwards.",
    e.SelfPayment: "Name another payee: payer and payee are the same account.",
    e.SignatureInvalid: "Sign exactly the typed data that was handed out, with the account's key.",
    e.SignatureNotAwaited: "The order does not await a signature; look at its state.",
    e.SplitInvalid: "Name 1 to 8 receivers, and an amount for each.",
    e.StoreBusy: "The database is busy; send the same request with the same Idempotency-Key again.",
    e.StoreLocked: "Another process runs on this database; stop it first.",
    e.StoreUnavailable: "The database can't be reached or is full; send the same request with the"
    " same Idempotency-Key again shortly.",
    e.SupplyTooLarge: "The supply would exceed what the currency can hold.",
    e.TierInvalid: "Tiers are 1 to 4.",
    e.TooManyRequests: "Ask again after the time in Retry-After, with the same Idempotency-Key, and more slowly.",
    e.TransferNotOpen: "The transfer is not held, or a decision is on its way; look at its state.",
    e.TravelRuleMissing: "A transfer of this amount needs the travel-rule record of both parties.",
    e.Unauthenticated: "Send a valid API key as 'Authorization: Bearer wck_...'.",
    e.UnknownCountry: "Name the country by its ISO 3166-1 alpha-2 code, such as DE.",
    e.UnknownCurrency: "Use a currency that runs here; GET /v1/policy lists them.",
    e.UnsupportedMediaType: "Send the body as JSON in UTF-8, with Content-Type: application/json.",
    e.WebhookEndpointMissing: "No endpoint takes this event, or it has ended; create one first.",
    e.WebhookUrlRefused: "Name an https URL on the public internet, without user, password and"
    " fragment.",
    e.WrongDecimals: "Write exactly as many decimals as the currency has: 12.34 EUR, 1234 JPY.",
    e.QrTooLong: "An EMVCo payload has at most 512 characters; scan the merchant's code as it is.",
    e.QrCharacterInvalid: "The code was read badly; scan it again.",
    e.QrNotEmvco: "Scan a merchant's payment code, as it is; this text is none.",
    e.QrTruncated: "Part of the code is missing; scan the whole code again.",
    e.QrChecksumWrong: "The code was read badly or changed; scan it again, and if it stays so do not pay"
    " by it.",
    e.QrFieldRepeated: "The code says a thing twice; do not pay by it, ask the merchant for another.",
    e.QrFieldMissing: "The code lacks a field that EMVCo asks for; ask the merchant for another.",
    e.QrFieldInvalid: "The code has a field that EMVCo does not allow; ask the merchant for another.",
    e.QrForeign: "The code is for another system; pay it there, or ask the merchant for ours.",
    e.QrAltered: "The code was changed or put together from others; do not pay by it, and tell the"
    " merchant.",
    e.RequestExpired: "Ask whoever wants to be paid for a new request.",
    e.RequestCancelled: "The request was withdrawn; ask whoever made it.",
    e.PaymentUnderWay: "Wait until the payment that is under way has ended, then look again.",
    e.AmountNotRequested: "Pay exactly what was asked for, in its currency; where the amount is open, name"
    " one.",
    e.TipNotAllowed: "Pay without a tip; this request takes none.",
    e.MerchantIncomplete: "Submit the merchant's name, city and merchant category as KYC first.",
    e.BillExists: "The biller has published this number and period before; look at that bill.",
    e.BillWithdrawn: "The biller has withdrawn the bill; there is nothing to pay.",
    e.ScheduleInvalid: "Name a time that lies ahead, for a customer whose key the bank keeps.",
    e.InstalmentsNotOffered: "Pay the whole amount; the merchant offers no instalments for it.",
    e.PlanComplete: "Nothing is left to pay of this plan.",
}

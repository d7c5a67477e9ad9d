"""What is asked of Shopify, in its Admin GraphQL language of 2026-10. Texts only.

Each operation has a name, so that a log of requests can be read.
"""

VERSION = "2026-10"

_MONEY = "{ presentmentMoney { amount currencyCode } }"

_ORDER = f"""
  id name createdAt note tags email closed cancelledAt
  displayFinancialStatus displayFulfillmentStatus
  totalPriceSet {_MONEY}
  totalRefundedSet {_MONEY}
  customer {{ displayName }}
"""

_ADDRESS = "firstName lastName company address1 address2 city zip provinceCode countryCodeV2 phone"

ORDERS = f"""query VigieOrders($first: Int!, $query: String) {{
  orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) {{
    nodes {{ {_ORDER} }}
    pageInfo {{ hasNextPage }}
  }}
}}"""

ORDER = f"""query VigieOrder($id: ID!) {{
  order(id: $id) {{
    {_ORDER}
    shippingAddress {{ {_ADDRESS} }}
    lineItems(first: 50) {{ nodes {{ name sku currentQuantity }} }}
    fulfillments(first: 50) {{ id status trackingInfo(first: 10) {{ company number url }} }}
    refunds(first: 50) {{ id note totalRefundedSet {_MONEY} }}
  }}
}}"""

FULFILLABLE = """query VigieFulfillable($id: ID!) {
  order(id: $id) {
    fulfillmentOrders(first: 20) {
      nodes { id status assignedLocation { name location { id } } supportedActions { action } }
    }
  }
}"""

REFUNDABLE = f"""query VigieRefundable($id: ID!) {{
  order(id: $id) {{
    suggestedRefund(suggestFullRefund: true) {{
      maximumRefundableSet {_MONEY}
      suggestedTransactions {{
        gateway
        amountSet {_MONEY}
        maximumRefundableSet {_MONEY}
        parentTransaction {{ id }}
      }}
    }}
  }}
}}"""

STOCK = """query VigieStock($first: Int!, $query: String) {
  productVariants(first: $first, query: $query) {
    nodes {
      displayName sku
      inventoryItem {
        id tracked
        inventoryLevels(first: 20) {
          nodes { location { id name } quantities(names: ["available"]) { name quantity } }
        }
      }
    }
    pageInfo { hasNextPage }
  }
}"""

ITEM = """query VigieItem($id: ID!) {
  inventoryItem(id: $id) {
    id sku
    variants(first: 1) { nodes { displayName } }
    inventoryLevels(first: 20) {
      nodes { location { id name } quantities(names: ["available"]) { name quantity } }
    }
  }
}"""

SHOP = """query VigieShop {
  shop { name myshopifyDomain plan { partnerDevelopment } }
  currentAppInstallation { accessScopes { handle } }
}"""

JOURNAL = """query VigieJournal($namespace: String!, $page: String!) {
  currentAppInstallation { id metafield(namespace: $namespace, key: $page) { value } }
}"""

BEGIN = """mutation VigieBegin($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { metafields { id } userErrors { field message } }
}"""

UPDATE_ORDER = """mutation VigieUpdateOrder($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}"""

FULFIL = """mutation VigieFulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}"""

CANCEL_FULFILMENT = """mutation VigieCancelFulfilment($id: ID!) {
  fulfillmentCancel(id: $id) { fulfillment { id status } userErrors { field message } }
}"""

REFUND = """mutation VigieRefund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field message } }
}"""

SET_STOCK = """mutation VigieSetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { field message code }
  }
}"""

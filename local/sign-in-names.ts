/** What page, API and sign-in of one machine call each other; apart, so that knowing them loads no provider. */

/** Everything of the sign-in stands under this path of the page's own address. */
export const SIGN_IN_PATH = '/sign-in'
export const CLIENT_ID = 'review-page'
export const AUDIENCE = 'urn:synthetic-dialogues:review-api'

/**
 * A CloudFront function (its own small JavaScript, published as it stands), before the cache of the page: an address that
 * is no file of the site is a place on the page, which its script draws. Done here and not by an error page, because
 * that one would also replace the 403 and 404 answers of the API.
 */
// eslint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  var request = event.request
  var isFile = request.uri.indexOf('/assets/') === 0 || /^\/[^/]+\.[a-z0-9]+$/i.test(request.uri)
  if (!isFile) request.uri = '/index.html'
  return request
}

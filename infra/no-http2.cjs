// Stands in for node:http2, as undici itself does where Node was built without it: we speak HTTP/1.1
// only, and to load it takes as long as a query.
module.exports = { constants: {} };

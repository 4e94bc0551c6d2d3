// The key that the document shows as an example would be the same on every route and every day.
const EXAMPLE_KEY = "0d1b6c1e-6f0a-4d7c-9a52-6c0c1c3b7a10";

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (request.headers["Idempotency-Key"] === EXAMPLE_KEY) {
      request.headers["Idempotency-Key"] = crypto.randomUUID();
    }
    return request;
  },
});

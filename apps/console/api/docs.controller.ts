import { Controller, Get, Inject, Injectable, Res } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { AllowAnyone } from '#access/access.guard';
import type { ConsoleReply } from '../http/request.js';

/** Holds the description once the routes are known. */
@Injectable()
export class ApiDescription {
  document: OpenAPIObject | undefined;
}

// Swagger UI styles itself from script; nothing on this page comes from data.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vidhuk API</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript><p>The description is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></noscript>
<script src="/assets/swagger-ui-bundle.js"></script>
<script src="/assets/api-docs.js"></script>
</body>
</html>
`;

/** The API for machines to read and for people to try. It describes doors, not what is behind them, so it is open. */
@ApiExcludeController()
@AllowAnyone()
@Controller('api')
export class DocsController {
  constructor(@Inject(ApiDescription) private readonly description: ApiDescription) {}

  @Get('v1/openapi.json')
  document(): OpenAPIObject | undefined {
    return this.description.document;
  }

  @Get('docs')
  page(@Res() reply: ConsoleReply): void {
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .send(PAGE);
  }
}

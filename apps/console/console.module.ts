import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccessGuard, AllowAnyone } from '#access/access.guard';
import { AuditLog } from '#access/audit-log';
import { Vault } from '#contacts/vault';
import { HealthController } from '#store/health.controller';
import { ProcessModule, type RunningProcess } from '#store/process';
import { accessProviders } from './access.providers.js';
import { AccessController } from './api/access.controller.js';
import { ComparisonsController } from './api/comparisons.controller.js';
import { AuditController } from './api/audit.controller.js';
import { ApiDescription, DocsController } from './api/docs.controller.js';
import { ExportsController } from './api/exports.controller.js';
import { InvitationsController } from './api/invitations.controller.js';
import { ListsController } from './api/lists.controller.js';
import { PersonsController } from './api/persons.controller.js';
import { ReportsController } from './api/reports.controller.js';
import { SendersController } from './api/senders.controller.js';
import { SuppressionsController } from './api/suppressions.controller.js';
import { VisitsController } from './api/visits.controller.js';
import { CaseDesk } from './cases/case-desk.js';
import { CasesController } from './cases/cases.controller.js';
import { DoubtDesk } from './doubts/doubt-desk.js';
import { DoubtsController } from './doubts/doubts.controller.js';
import { invalidRequest } from './http/problem.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RecordedChanges } from './http/recorded.js';
import { AnalysisController } from './web/analysis.controller.js';
import { PreviewController, PUBLIC_URL } from './set-up/preview.controller.js';
import { SimulateController } from './simulate/simulate.controller.js';
import { AssetsController } from './web/assets.controller.js';
import { CasePagesController } from './web/cases.controller.js';
import { DoubtPagesController } from './web/doubts.controller.js';
import { LiveController } from './web/live.controller.js';
import { Live } from './web/live.js';
import { MonthlyController } from './web/monthly.controller.js';
import { SetUpController } from './web/set-up.controller.js';
import { OidcController } from './web/oidc.controller.js';
import { AccountController } from './web/people/account.controller.js';
import { AuditPageController } from './web/people/audit.controller.js';
import { UsersController } from './web/people/users.controller.js';
import { SignInController } from './web/sign-in.controller.js';

@ApiTags('health')
@AllowAnyone()
@Controller()
class OpenHealthController extends HealthController {}

@Module({})
export class ConsoleModule {
  static of(running: RunningProcess): DynamicModule {
    const vault = new Vault(running.secretKey);
    const audit = new AuditLog(vault, running.clock);
    return {
      module: ConsoleModule,
      imports: [ProcessModule.register(running)],
      controllers: [
        OpenHealthController,
        VisitsController,
        ReportsController,
        ComparisonsController,
        ExportsController,
        InvitationsController,
        ListsController,
        SendersController,
        CasesController,
        DoubtsController,
        PreviewController,
        SimulateController,
        AccessController,
        PersonsController,
        SuppressionsController,
        AuditController,
        DocsController,
        AssetsController,
        SignInController,
        OidcController,
        AccountController,
        UsersController,
        AuditPageController,
        LiveController,
        AnalysisController,
        MonthlyController,
        CasePagesController,
        DoubtPagesController,
        SetUpController,
      ],
      providers: [
        Live,
        ApiDescription,
        ...accessProviders(running, audit),
        { provide: PUBLIC_URL, useValue: { value: running.environment.publicUrl } },
        { provide: CaseDesk, useValue: new CaseDesk(running.database, vault, audit, running.clock) },
        { provide: DoubtDesk, useValue: new DoubtDesk(running.database, vault, audit, running.clock) },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: RecordedChanges },
        { provide: APP_FILTER, useClass: ProblemFilter },
        {
          provide: APP_PIPE,
          useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalidRequest }),
        },
      ],
    };
  }
}

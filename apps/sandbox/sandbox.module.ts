import { Module, type DynamicModule } from '@nestjs/common';
import { CarrierDoor } from './carrier-door.js';
import { ControlController } from './control.controller.js';
import { SandboxParts } from './parts.js';
import { EventsController } from './page/events.controller.js';
import { PageController } from './page/page.controller.js';
import { PhonesController } from './phones/phones.controller.js';
import { TurboSmsController } from './turbosms/turbosms.controller.js';
import { TwilioController } from './twilio/twilio.controller.js';
import { TwilioServiceController } from './twilio/twilio-service.controller.js';
import { ViberController } from './viber/viber.controller.js';

@Module({})
export class SandboxModule {
  static register(parts: SandboxParts, closing: AbortSignal): DynamicModule {
    return {
      module: SandboxModule,
      controllers: [
        TwilioController,
        TwilioServiceController,
        TurboSmsController,
        ViberController,
        PhonesController,
        ControlController,
        EventsController,
        PageController,
      ],
      providers: [
        { provide: SandboxParts, useValue: parts },
        { provide: CarrierDoor, useValue: new CarrierDoor(parts.faults, parts.limits, closing) },
      ],
    };
  }
}

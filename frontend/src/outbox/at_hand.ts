/** For a page of the walker's road that needs no other script: has it at hand without a network. */

import { work_offline } from "./outbox";

work_offline();

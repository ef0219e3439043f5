import { adjudication } from './adjudication/adjudication';
import { adjudicationOptionsOf } from './adjudication/options';
import { adjudicationPageOf } from './adjudication/report';
import { cards } from './cards/cards';
import { cardsOptionsOf } from './cards/options';
import { cardsPageOf } from './cards/report';
import { charge } from './charge/charge';
import { chargeOptionsOf } from './charge/options';
import { chargePageOf } from './charge/report';
import { credit } from './credit/credit';
import { creditOptionsOf } from './credit/options';
import { creditPageOf } from './credit/report';
import { eventStore } from './event-store/event-store';
import { eventStoreOptionsOf } from './event-store/options';
import { eventStorePageOf } from './event-store/report';
import { flow } from './flow/flow';
import { flowOptionsOf } from './flow/options';
import { flowPageOf } from './flow/report';
import { growth } from './growth/growth';
import { growthOptionsOf } from './growth/options';
import { growthPageOf } from './growth/report';
import { http } from './http-frameworks/http';
import { httpOptionsOf } from './http-frameworks/options';
import { httpPageOf } from './http-frameworks/report';
import { identity } from './identity/identity';
import { identityOptionsOf } from './identity/options';
import { identityPageOf } from './identity/report';
import { ingest } from './ingest';
import { Usage } from '@caretab/command-line';
import { optionsOf } from './options';
import { overloadOptionsOf } from './overload/options';
import { overload } from './overload/overload';
import { overloadPageOf } from './overload/report';
import { paymentOptionsOf } from './payment/options';
import { payment } from './payment/payment';
import { paymentPageOf } from './payment/report';
import { profileOptionsOf } from './profile/options';
import { profile, profilePageOf } from './profile/profile';
import { Progress } from './progress';
import { reconciliationOptionsOf } from './reconciliation/options';
import { reconciliation } from './reconciliation/reconciliation';
import { reconciliationPageOf } from './reconciliation/report';
import { rebuildOptionsOf } from './rebuild/options';
import { rebuild } from './rebuild/rebuild';
import { rebuildPageOf } from './rebuild/report';
import { pageOf } from './report';
import { replicasOptionsOf } from './replicas/options';
import { replicas } from './replicas/replicas';
import { replicasPageOf } from './replicas/report';
import { summariesOptionsOf } from './summaries/options';
import { summariesPageOf } from './summaries/report';
import { summaries } from './summaries/summaries';

interface Found {
  readonly page: string;
  readonly result: { readonly faults: readonly string[] };
  readonly json: boolean;
}

const benchReconciliation = async (args: readonly string[], progress: Progress): Promise<Found> => {
  const options = reconciliationOptionsOf(args);
  const result = await reconciliation(options, progress);
  return { page: reconciliationPageOf(result), result, json: options.json };
};

const benchProfile = (args: readonly string[]): Found => {
  const options = profileOptionsOf(args);
  const result = profile(options);
  return { page: profilePageOf(result), result, json: options.json };
};

const bench = async (args: readonly string[], progress: Progress): Promise<Found> => {
  if (args[0] === 'overload') {
    const options = overloadOptionsOf(args.slice(1));
    const result = await overload(options, progress);
    return { page: overloadPageOf(result), result, json: options.json };
  }
  if (args[0] === 'flow') {
    const options = flowOptionsOf(args.slice(1));
    const result = await flow(options, progress);
    return { page: flowPageOf(result), result, json: options.json };
  }
  if (args[0] === 'charge') {
    const options = chargeOptionsOf(args.slice(1));
    const result = await charge(options, progress);
    return { page: chargePageOf(result), result, json: options.json };
  }
  if (args[0] === 'http') {
    const options = httpOptionsOf(args.slice(1));
    const result = await http(options, progress);
    return { page: httpPageOf(result), result, json: options.json };
  }
  if (args[0] === 'summaries') {
    const options = summariesOptionsOf(args.slice(1));
    const result = await summaries(options, progress);
    return { page: summariesPageOf(result), result, json: options.json };
  }
  if (args[0] === 'replicas') {
    const options = replicasOptionsOf(args.slice(1));
    const result = await replicas(options, progress);
    return { page: replicasPageOf(result), result, json: options.json };
  }
  if (args[0] === 'payment') {
    const options = paymentOptionsOf(args.slice(1));
    const result = await payment(options, progress);
    return { page: paymentPageOf(result), result, json: options.json };
  }
  if (args[0] === 'identity') {
    const options = identityOptionsOf(args.slice(1));
    const result = await identity(options, progress);
    return { page: identityPageOf(result), result, json: options.json };
  }
  if (args[0] === 'cards') {
    const options = cardsOptionsOf(args.slice(1));
    const result = await cards(options, progress);
    return { page: cardsPageOf(result), result, json: options.json };
  }
  if (args[0] === 'adjudication') {
    const options = adjudicationOptionsOf(args.slice(1));
    const result = await adjudication(options, progress);
    return { page: adjudicationPageOf(result), result, json: options.json };
  }
  if (args[0] === 'credit') {
    const options = creditOptionsOf(args.slice(1));
    const result = await credit(options, progress);
    return { page: creditPageOf(result), result, json: options.json };
  }
  if (args[0] === 'growth') {
    const options = growthOptionsOf(args.slice(1));
    const result = await growth(options, progress);
    return { page: growthPageOf(result), result, json: options.json };
  }
  if (args[0] === 'reconciliation') return benchReconciliation(args.slice(1), progress);
  if (args[0] === 'rebuild') {
    const options = rebuildOptionsOf(args.slice(1));
    const result = await rebuild(options, progress);
    return { page: rebuildPageOf(result), result, json: options.json };
  }
  if (args[0] === 'profile') return benchProfile(args.slice(1));
  if (args[0] === 'event-store') {
    const options = eventStoreOptionsOf(args.slice(1));
    const result = await eventStore(options, progress);
    return { page: eventStorePageOf(result), result, json: options.json };
  }
  const options = optionsOf(args);
  const result = await ingest(options, progress);
  return { page: pageOf(result), result, json: options.json };
};

/** Runs the command line; resolves to the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  const progress = new Progress(process.stderr);
  try {
    const { page, result, json } = await bench(args, progress);
    process.stdout.write(`${page}\n`);
    for (const fault of result.faults) process.stdout.write(`✗ ${fault}\n`);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.faults.length === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof Usage) {
      process.stdout.write(`${error.message}\n`);
      return error.exitCode;
    }
    progress.line(`✗ the run is void: ${(error as Error).message}`);
    if (process.env['DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    return 1;
  }
};

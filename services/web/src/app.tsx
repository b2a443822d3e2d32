// Addresses and their screens: those of their own, and for every other resource a list, a page a row, and forms.
import { ErrorBoundary, lazy, LocationProvider, Router, Route } from 'preact-iso';
import { useReducer } from 'preact/hooks';
import { isResource } from './lib/model';
import { language, t } from './lib/words';
import { Frame } from './frame/frame';
import { moved, Empty, Title } from './ui/parts';
import { BASE } from './records/paths';
import { Home } from './screens/home';
import { own } from './screens/own';

const Dashboard = lazy(() => import('./screens/dashboard').then((module) => module.Dashboard));
const SearchResults = lazy(() => import('./screens/search').then((module) => module.SearchResults));
const Everything = lazy(() => import('./screens/everything').then((module) => module.Everything));
const Pipeline = lazy(() => import('./screens/pipeline').then((module) => module.Pipeline));
const Board = lazy(() => import('./screens/needs/board').then((module) => module.Board));
const Priorities = lazy(() => import('./screens/needs/priorities').then((module) => module.Priorities));
const Calls = lazy(() => import('./screens/needs/calls').then((module) => module.Calls));
const GapMap = lazy(() => import('./screens/needs/gaps').then((module) => module.GapMap));
const Landscape = lazy(() => import('./screens/needs/landscape').then((module) => module.Landscape));
const NetworkMap = lazy(() => import('./screens/needs/map').then((module) => module.NetworkMap));
const YearCalendar = lazy(() => import('./screens/work/calendar').then((module) => module.YearCalendar));
const Recognition = lazy(() => import('./screens/recognition/recognition').then((module) => module.Recognition));
const Funding = lazy(() => import('./screens/growth/funding').then((module) => module.Funding));
const Development = lazy(() => import('./screens/growth/development').then((module) => module.Development));
const Access = lazy(() => import('./screens/access/access').then((module) => module.Access));
const SetupScreen = lazy(() => import('./screens/setup').then((module) => module.SetupScreen));
const Design = lazy(() => import('./screens/design').then((module) => module.Design));
const AnyList = lazy(() => import('./records/list').then((module) => module.List));
const AnyRecord = lazy(() => import('./screens/records').then((module) => module.OneOf));
const AnyNew = lazy(() => import('./records/edit').then((module) => module.New));
const AnyEdit = lazy(() => import('./records/edit').then((module) => module.Edit));

const IS_DEVELOPMENT = import.meta.env.DEV || location.hostname === 'localhost';

interface At { plural?: string; id?: string; part?: string }

const ListAt = ({ plural = '' }: At) => {
  if (!isResource(plural)) return <Missing />;
  const Own = own[plural]?.list;
  return Own ? <Own /> : <AnyList plural={plural} />;
};
const RecordAt = ({ plural = '', id = '', part }: At) => {
  if (!isResource(plural)) return <Missing />;
  const { new: New, edit: Edit, one: One } = own[plural] ?? {};
  if (id === 'new') return New ? <New /> : <AnyNew key={plural} plural={plural} />;
  if (part === 'edit') return Edit ? <Edit key={id} id={id} /> : <AnyEdit key={id} plural={plural} id={id} />;
  return One ? <One id={id} part={part} /> : <AnyRecord plural={plural} id={id} part={part} />;
};

const Missing = () => (
  <>
    <Title>{t('missing.title')}</Title>
    <Empty title={t('missing.text')}><a class="button primary" href={BASE}>{t('missing.home')}</a></Empty>
  </>
);

export function App() {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  return (
    <LocationProvider scope={/^\/app(\/|\?|$)/}>
      <Frame redraw={() => redraw(0)}>
        <ErrorBoundary onError={(error) => console.error(error)}>
          <Router key={language()} onRouteChange={() => { moved(); scrollTo(0, 0); }}>
            <Route path={BASE} component={Home} />
            <Route path={`${BASE}/dashboard`} component={Dashboard} />
            <Route path={`${BASE}/search`} component={SearchResults} />
            <Route path={`${BASE}/pipeline`} component={Pipeline} />
            <Route path={`${BASE}/needs/board`} component={Board} />
            <Route path={`${BASE}/needs/priorities`} component={Priorities} />
            <Route path={`${BASE}/needs/calls`} component={Calls} />
            <Route path={`${BASE}/needs/gaps`} component={GapMap} />
            <Route path={`${BASE}/needs/landscape`} component={Landscape} />
            <Route path={`${BASE}/needs/map`} component={NetworkMap} />
            <Route path={`${BASE}/calendar`} component={YearCalendar} />
            <Route path={`${BASE}/recognition/:place?`} component={Recognition} />
            <Route path={`${BASE}/funding`} component={Funding} />
            <Route path={`${BASE}/development/:place?`} component={Development} />
            <Route path={`${BASE}/access/:place?`} component={Access} />
            <Route path={`${BASE}/everything`} component={Everything} />
            <Route path={`${BASE}/setup`} component={SetupScreen} />
            <Route path={`${BASE}/design`} component={IS_DEVELOPMENT ? Design : Missing} />
            <Route path={`${BASE}/:plural`} component={ListAt} />
            <Route path={`${BASE}/:plural/:id`} component={RecordAt} />
            <Route path={`${BASE}/:plural/:id/:part`} component={RecordAt} />
            <Route default component={Missing} />
          </Router>
        </ErrorBoundary>
      </Frame>
    </LocationProvider>
  );
}

